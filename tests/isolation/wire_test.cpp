// What goes over the socket: all of it arrives, and nonsense is recognised.

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>

#include "server/isolation/channel.hpp"
#include "server/isolation/errors.hpp"

namespace portfire::server::isolation {
namespace {

JobRequest full_request() {
  JobRequest request{.name = "name", .arguments = "[1]"};
  request.defaults = {
      .name = "name", .queue = "queue", .priority = 3, .at_once = 4, .display_name = "shown {0}"};
  request.call = {.queue = "other",
                  .priority = -7,
                  .unique = debounced("key"),
                  .limit = {"limit", 3},
                  .sequence = {"sequence", true},
                  .attempts = 5,
                  .timeout = std::chrono::seconds{6},
                  .start_within = std::chrono::seconds{7},
                  .retention = std::chrono::seconds{8},
                  .batch = JobId{1, 2},
                  .baggage = {{"a", "b"}},
                  .tags = {"one", "two"},
                  .display_name = "shown",
                  .parameters = {{"p", nlohmann::json{{"x", 1}}}}};
  request.state = states::scheduled(TimePoint{Duration{77}}, "why");
  request.state.retention = Duration{9};
  request.parents = {{JobId{3, 4}, Condition::failed}};
  request.when_met = states::scheduled(Duration{5});
  request.id = JobId{5, 6};
  request.is_batch = true;
  request.reserved = {{"portfire.x", "1"}};
  return request;
}

std::string bytes_of(const JobRequest& request) {
  std::string bytes;
  Writer{bytes}(std::vector{request}, Bulk::each);
  return bytes;
}

TEST(IsolationWire, ARequestArrivesWhole) {
  const std::string bytes = bytes_of(full_request());
  std::vector<JobRequest> read;
  Bulk bulk{};
  Reader{bytes}(read, bulk).finish();
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(bytes_of(read.front()), bytes);
  const JobRequest& request = read.front();
  EXPECT_EQ(request.defaults.queue, "queue");
  EXPECT_EQ(request.defaults.at_once, 4);
  EXPECT_EQ(request.call.unique, debounced("key"));
  EXPECT_EQ(request.call.limit, (Limit{"limit", 3}));
  EXPECT_EQ(request.call.sequence.past_failures, true);
  EXPECT_EQ(request.call.retention, std::chrono::seconds{8});
  EXPECT_EQ(request.call.parameters.at("p")["x"], 1);
  EXPECT_EQ(request.state, full_request().state);
  EXPECT_EQ(request.when_met, full_request().when_met);
  EXPECT_EQ(request.parents, full_request().parents);
  EXPECT_EQ(request.id, (JobId{5, 6}));
  EXPECT_EQ(request.reserved.at("portfire.x"), "1");
  EXPECT_EQ(bulk, Bulk::each);
}

TEST(IsolationWire, NothingCutShortIsRead) {
  const std::string bytes = bytes_of(full_request());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    std::vector<JobRequest> read;
    Bulk bulk{};
    EXPECT_THROW(Reader{std::string_view{bytes}.substr(0, size)}(read, bulk), MalformedMessage);
  }
  std::vector<JobRequest> read;
  Bulk bulk{};
  EXPECT_THROW((Reader{bytes + "x"}(read, bulk).finish()), MalformedMessage);
}

// With any byte changed it is read, or refused as nonsense; never anything else.
TEST(IsolationWire, NoNonsenseDoesHarm) {
  const std::string bytes = bytes_of(full_request());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char letter : {'\x00', '\x05', '\x7f', '\xff'}) {
      std::string broken = bytes;
      broken[at] = letter;
      std::vector<JobRequest> read;
      Bulk bulk{};
      try {
        Reader{broken}(read, bulk).finish();
        EXPECT_LE(read.front().state.kind, StateKind::final);
      } catch (const MalformedMessage&) {
      }
    }
  }
}

TEST(IsolationWire, ErrorsArriveAsWhatTheyWere) {
  const auto across = [](const std::exception_ptr& error) {
    std::string bytes;
    write_error(Writer{bytes}, error, 1000);
    Reader reader{bytes};
    return read_error(reader);
  };
  const auto storage = across(std::make_exception_ptr(
      StorageError{"full", {.operation = "commit", .native_code = 13, .retryable = true}}));
  try {
    std::rethrow_exception(storage);
  } catch (const StorageError& error) {
    EXPECT_STREQ(error.what(), "full");
    EXPECT_EQ(error.operation(), "commit");
    EXPECT_EQ(error.native_code(), 13);
    EXPECT_TRUE(error.retryable());
  }
  const auto other = across(std::make_exception_ptr(std::out_of_range{"far"}));
  EXPECT_THROW(std::rethrow_exception(other), IsolatedError);
  EXPECT_EQ(record_error(other, 1000).type, "std::out_of_range");
  EXPECT_EQ(record_error(across(other), 1000).type, "std::out_of_range") << "twice as well";
}

TEST(IsolationWire, MessagesArriveInPieces) {
  std::array<int, 2> sockets{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()), 0);
  Channel here{Descriptor{sockets[0]}};
  Channel there{Descriptor{sockets[1]}};
  Message message{MessageType::line};
  const std::string text(300'000, 'x');
  message.writer()(text, text);
  std::string_view bytes = message.finished();
  std::optional<Received> received;
  while (!(received = there.next())) {
    std::string_view piece = bytes.substr(0, 1000);
    const std::size_t size = piece.size();
    if (size > 0) here.send(piece, Channel::Wait::no);
    bytes.remove_prefix(size - piece.size());
    there.read(Channel::Wait::no);
  }
  EXPECT_EQ(received->type, MessageType::line);
  Reader reader{received->payload};
  EXPECT_EQ(reader.take<std::string>(), text);
  EXPECT_EQ(reader.take<std::string>(), text);
  EXPECT_FALSE(there.next());
  EXPECT_EQ(there.read(Channel::Wait::no), Channel::Status::later);
}

TEST(IsolationWire, ImpossibleLengthsAreRecognised) {
  std::array<int, 2> sockets{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()), 0);
  Channel here{Descriptor{sockets[0]}};
  Channel there{Descriptor{sockets[1]}};
  std::string_view garbage = "\xee\xee\xee\xee\xee";
  here.send(garbage, Channel::Wait::yes);
  there.read(Channel::Wait::yes);
  EXPECT_THROW(there.next(), MalformedMessage);
}

}  // namespace
}  // namespace portfire::server::isolation
