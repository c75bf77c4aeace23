// Peers that keep their connections open and say nothing: a frozen host, a network that swallows.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "faults/faults.hpp"

namespace portfire::faults {
namespace {

using testing::JobBuilder;
using testing::UnitBuilder;

constexpr Job<void()> work{"work"};

// Longer than answers take on a busy machine, and short enough to be waited for.
const postgresql::Options patient{.answer_timeout = 1s, .maintenance_timeout = 1s};

class Silence : public ::testing::Test {
 protected:
  std::shared_ptr<Storage> behind_the_gate(postgresql::Options options = {}) {
    options.application_name = "far";
    return installation_.open_at(installation_.url_through(gate_), std::move(options));
  }
  static CommitResult commit(Storage& storage, const Unit& unit) {
    return storage.jobs().commit({&unit, 1}).front();
  }
  Unit creation(std::string arguments = "[]") {
    return UnitBuilder{ids_.next<UnitId>()}.create(
        JobBuilder{ids_.next<JobId>(), "work"}.arguments(std::move(arguments)));
  }
  template <class Body>
  static void expect_no_answer(Body body) {
    try {
      body();
      FAIL() << "it was answered";
    } catch (const StorageError& error) {
      EXPECT_TRUE(error.connection_lost());
      EXPECT_TRUE(error.retryable());
      EXPECT_THAT(error.what(), ::testing::HasSubstr("has not answered for"));
    }
  }
  // What was on its way arrives late, and does nothing that shows.
  void wait_until_all_arrived() const {
    const std::string sessions =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'far'";
    while (installation_.execute(sessions) != "0") std::this_thread::yield();
  }

  const Installation installation_;
  TcpGate gate_{installation_.server().port()};
  const std::shared_ptr<Storage> near_ = installation_.open();
  testing::TestIds ids_;
};

TEST_F(Silence, AVerbWithoutAnAnswerEndsAndMayBeSentAgain) {
  const auto far =
      behind_the_gate({.max_connections = 1, .listen = false, .answer_timeout = 300ms});
  const Unit unit = creation();
  gate_.stall();
  expect_no_answer([&] { commit(*far, unit); });
  gate_.open();
  EXPECT_TRUE(commit(*far, unit).done());
  EXPECT_EQ(installation_.count("job"), "1");
}

TEST_F(Silence, AVerbThatNobodyTakesEnds) {
  const auto far =
      behind_the_gate({.max_connections = 1, .listen = false, .answer_timeout = 300ms});
  constexpr std::size_t more_than_sockets_hold = 30'000'000;
  const Unit unit = creation("[\"" + std::string(more_than_sockets_hold, 'x') + "\"]");
  gate_.stall();
  expect_no_answer([&] { commit(*far, unit); });
}

TEST_F(Silence, UpkeepMayBeSilentForLonger) {
  const auto far =
      behind_the_gate({.max_connections = 1, .listen = false, .answer_timeout = 100ms});
  installation_.execute(
      "CREATE OR REPLACE FUNCTION :schema.forget_deaf() RETURNS void LANGUAGE sql AS"
      " 'SELECT pg_sleep(0.5)'");
  EXPECT_EQ(far->jobs().expire(10).removed, 0U);
}

TEST_F(Silence, AHeartbeatIsGivenUpWithinItsLease) {
  const auto far = behind_the_gate({.listen = false, .answer_timeout = 1h});
  const auto server = ids_.next<ServerId>();
  far->coordination().announce({.id = server, .name = "test", .lease = 1s});
  ASSERT_TRUE(far->coordination().heartbeat(server).known);
  gate_.stall();
  expect_no_answer([&] { far->coordination().heartbeat(server); });
  gate_.open();
  EXPECT_TRUE(far->coordination().heartbeat(server).known);
}

TEST_F(Silence, AServerStopsWhileTheNetworkStandsStillAndOthersFinishItsJobs) {
  constexpr std::size_t jobs = 6;
  Progress begun;
  Handlers handlers;
  handlers.on(work, [&](std::stop_token stop) {
    begun.add();
    const auto event = thread_runtime()->make_event();
    event->wait(stop);
    if (stop.stop_requested()) throw std::runtime_error{"told to stop"};
  });
  std::optional<Server> server{std::in_place, behind_the_gate(patient), handlers,
                               ServerOptions{.workers = 2,
                                             .lease = 2s,
                                             .stop_timeout = 0s,
                                             .shutdown_timeout = 1s,
                                             .poll_interval = 50ms,
                                             .log = silent_sink()}};
  server->start();
  Client client{near_, {.log = silent_sink()}};
  std::vector<JobId> ids;
  for (std::size_t i = 0; i < jobs; ++i) ids.push_back(client.enqueue(work));
  ASSERT_TRUE(begun.wait_for(2));
  gate_.stall();
  server->stop();
  server.reset();

  std::atomic<std::size_t> done{0};
  Handlers others;
  others.on(work, [&] { ++done; });
  Server other{near_, others, {.lease = 1s, .poll_interval = 50ms, .log = silent_sink()}};
  other.start();
  for (const JobId id : ids) EXPECT_TRUE(client.wait(id, 1min).ended);
  gate_.open();
  wait_until_all_arrived();
  EXPECT_EQ(done, jobs);
  EXPECT_EQ(near_->monitoring().statistics().lifetime["Succeeded"], jobs);
}

TEST_F(Silence, AListenerThatHearsNothingSendsThoseWhoWaitToLook) {
  const auto far = behind_the_gate({.answer_timeout = 300ms});
  const auto subscription = far->wakeup().subscribe({"my/topic"});
  const auto hears = [&] {
    return subscription->wait_until(far->runtime()->steady_now() + 1min, {});
  };
  // It listens when it passes on what others tell.
  std::atomic<bool> over{false};
  std::thread telling{[&] {
    while (!over) near_->wakeup().notify(std::vector<std::string>{"my/topic"});
  }};
  EXPECT_TRUE(hears());
  over = true;
  telling.join();
  while (subscription->wait_until(far->runtime()->steady_now(), {})) {
  }
  gate_.stall();
  EXPECT_TRUE(hears());
}

// The time allowed for connecting is longer than that of this test.
TEST_F(Silence, AStorageClosesWhileItsListenerConnects) {
  auto far = behind_the_gate({.connect_timeout = 10min, .answer_timeout = 1h});
  gate_.cut();
  gate_.stall();
  const std::size_t before = gate_.connections();
  far->wakeup().subscribe({"my/topic"}).reset();
  ASSERT_TRUE(gate_.wait_for_connection(before));
  ASSERT_TRUE(gate_.wait_for_kept_back());
  far.reset();
  SUCCEED();
}

class ManyHosts : public Silence {
 protected:
  // The first of two hosts is behind the port; the other is the server.
  std::string url(int first_port) const {
    const std::string address = "127.0.0.1:" + std::to_string(installation_.server().port());
    std::string url = installation_.url();
    return url.replace(url.find(address), address.size(),
                       "127.0.0.1:" + std::to_string(first_port) + ',' + address);
  }
};

TEST_F(ManyHosts, AHostThatAcceptsAndSaysNothingIsPassedOver) {
  gate_.stall();
  const auto storage = installation_.open_at(url(gate_.port()), {.connect_timeout = 1s});
  EXPECT_TRUE(commit(*storage, creation()).done());
  EXPECT_GT(gate_.connections(), 0U);
}

// Listens, and has no room for anybody.
class FullHost {
 public:
  FullHost() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    const int listening = make();
    EXPECT_EQ(::bind(listening, generic, length), 0);
    EXPECT_EQ(::listen(listening, 0), 0);
    EXPECT_EQ(::getsockname(listening, generic, &length), 0);
    port_ = ntohs(address.sin_port);
    for (int i = 0; i < 4; ++i) ::connect(make(), generic, length);
  }
  ~FullHost() {
    for (const int socket : sockets_) ::close(socket);
  }
  FullHost(const FullHost&) = delete;
  FullHost& operator=(const FullHost&) = delete;

  [[nodiscard]] int port() const { return port_; }

 private:
  int make() {
    sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return sockets_.back();
  }

  std::vector<int> sockets_;
  int port_ = 0;
};

TEST_F(ManyHosts, AHostThatDoesNotAcceptIsPassedOver) {
  const FullHost full;
  const auto storage = installation_.open_at(url(full.port()), {.connect_timeout = 1s});
  EXPECT_TRUE(commit(*storage, creation()).done());
}

TEST_F(ManyHosts, OneThatDoesNotAnswerAtAllIsNamed) {
  const FullHost full;
  std::string url = installation_.url();
  const std::string port = ':' + std::to_string(installation_.server().port()) + '/';
  url.replace(url.find(port), port.size(), ':' + std::to_string(full.port()) + '/');
  try {
    static_cast<void>(installation_.open_at(url, {.connect_timeout = 1s}));
    FAIL() << "opened";
  } catch (const StorageError& error) {
    EXPECT_TRUE(error.retryable());
    EXPECT_FALSE(error.connection_lost());
    EXPECT_THAT(error.what(), ::testing::HasSubstr("does not answer"));
  }
}

}  // namespace
}  // namespace portfire::faults
