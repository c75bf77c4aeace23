// The built-in server, by sockets.

#include "dashboard/server/http_server.hpp"

#include <sys/resource.h>

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/error.hpp>

#include "support/raw_client.hpp"

namespace portfire::dashboard {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HttpServerTest : public ::testing::Test {
 protected:
  void start(ListenOptions options = {}, RequestHandler handler = echo) {
    options.port = 0;
    server_ = std::make_unique<HttpServer>(options, "", silent_sink(), std::move(handler));
    const std::string url = server_->url();
    port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
  void stop() { server_.reset(); }

  static HttpResponse echo(const HttpRequest& request) {
    return {
        .headers = {{"Content-Type", "text/plain"}},
        .body = request.method + ' ' + request.target + ' ' + request.peer + ' ' + request.body};
  }

  static std::string get(const std::string& target, const std::string& more = {}) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
  }

  std::unique_ptr<HttpServer> server_;
  std::uint16_t port_ = 0;
};

TEST_F(HttpServerTest, AnswersSeveralRequestsOnOneConnection) {
  start();
  RawClient client{port_};
  client.say(get("/one?x=1"));
  EXPECT_THAT(client.hear_response(), HasSubstr("GET /one?x=1 127.0.0.1 "));
  client.say("POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_THAT(client.hear_response(), HasSubstr("POST /two 127.0.0.1 abc"));
  // Two at once, answered in order.
  client.say(get("/three") + get("/four"));
  EXPECT_THAT(client.hear_response(), HasSubstr("/three"));
  EXPECT_THAT(client.hear_response(), HasSubstr("/four"));
  client.say(get("/five", "Connection: close\r\n"));
  EXPECT_THAT(client.hear_all(), HasSubstr("Connection: close"));
}

TEST_F(HttpServerTest, ReadsBodiesInChunks) {
  start();
  RawClient client{port_};
  client.say("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  client.say("2\r\nde\r\n0\r\n\r\n");
  EXPECT_THAT(client.hear_response(), HasSubstr("POST / 127.0.0.1 abcde"));
}

struct Malformed {
  std::string request;
  std::string answer;
};

class MalformedRequest : public HttpServerTest, public ::testing::WithParamInterface<Malformed> {};

TEST_P(MalformedRequest, IsRefused) {
  start({.most_header_bytes = 1000, .most_body_bytes = 100});
  RawClient client{port_};
  client.say(GetParam().request);
  EXPECT_THAT(client.hear_all(), StartsWith("HTTP/1.1 " + GetParam().answer));
  RawClient next{port_};
  next.say(get("/"));
  EXPECT_THAT(next.hear_response(), StartsWith("HTTP/1.1 200"));
}

INSTANTIATE_TEST_SUITE_P(
    Requests, MalformedRequest,
    ::testing::Values(
        Malformed{"nonsense\r\n\r\n", "400"}, Malformed{"GET / HTTP/9.9\r\n\r\n", "400"},
        Malformed{"GET / HTTP/1.1\r\nno colon\r\n\r\n", "400"},
        Malformed{std::string(3, '\0') + "\r\n\r\n", "400"},
        Malformed{"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\r\n\r\n", "400"},
        Malformed{"GET / HTTP/1.1\r\nX: " + std::string(2000, 'x') + "\r\n\r\n", "431"},
        Malformed{"GET /" + std::string(2000, 'x') + " HTTP/1.1\r\n\r\n", "431"},
        Malformed{"POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", "413"},
        Malformed{"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", "400"},
        Malformed{"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"}));

TEST_F(HttpServerTest, HangsUpOnSlowClients) {
  start({.idle_timeout = 1min, .request_timeout = 50ms});
  RawClient half_a_head{port_};
  half_a_head.say("GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(half_a_head.hear_all(), "");
  RawClient half_a_body{port_};
  half_a_body.say("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(half_a_body.hear_all(), "");
}

TEST_F(HttpServerTest, HangsUpOnSilentClients) {
  start({.idle_timeout = 50ms});
  RawClient silent{port_};
  EXPECT_EQ(silent.hear_all(), "");
}

TEST_F(HttpServerTest, AnswersBesideAThousandIdleConnections) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  start();
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 1000; ++i) idle.push_back(std::make_unique<RawClient>(port_));
  RawClient client{port_};
  client.say(get("/"));
  EXPECT_THAT(client.hear_response(), StartsWith("HTTP/1.1 200"));
  stop();
  EXPECT_EQ(idle.back()->hear_all(), "");
}

TEST_F(HttpServerTest, RefusesConnectionsBeyondTheLimit) {
  start({.most_connections = 2});
  RawClient one{port_};
  RawClient two{port_};
  // That they are served says that they are counted.
  one.say(get("/"));
  two.say(get("/"));
  EXPECT_THAT(one.hear_response(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(two.hear_response(), StartsWith("HTTP/1.1 200"));
  RawClient three{port_};
  EXPECT_EQ(three.hear_all(), "");
  one.say(get("/"));
  EXPECT_THAT(one.hear_response(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, LetsRequestsEndWhenItStops) {
  std::promise<void> entered;
  std::promise<void> leave;
  start({}, [&](const HttpRequest&) {
    entered.set_value();
    leave.get_future().wait();
    return HttpResponse{.body = "whole"};
  });
  RawClient client{port_};
  RawClient idle{port_};
  client.say(get("/"));
  entered.get_future().wait();
  auto stopping = std::async(std::launch::async, [this] { stop(); });
  EXPECT_EQ(idle.hear_all(), "") << "closed at once";
  leave.set_value();
  EXPECT_THAT(client.hear_all(), ::testing::EndsWith("whole"));
  stopping.wait();
}

class CountedEvents : public EventStream {
 public:
  std::optional<std::string> next() override {
    if (++count_ > 2) return std::nullopt;
    return "data: " + std::to_string(count_) + "\n\n";
  }

 private:
  int count_ = 0;
};

TEST_F(HttpServerTest, SendsEventsUntilTheyEnd) {
  start({}, [](const HttpRequest&) {
    return HttpResponse{.headers = {{"Content-Type", "text/event-stream"}},
                        .body = "retry: 1\n\n",
                        .events = std::make_shared<CountedEvents>()};
  });
  RawClient client{port_};
  client.say(get("/"));
  EXPECT_THAT(client.hear_until("\r\n\r\n"), HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(client.hear_until("\n\n"), HasSubstr("retry: 1"));
  EXPECT_THAT(client.hear_until("\n\n"), HasSubstr("data: 1"));
  EXPECT_THAT(client.hear_until("\n\n"), HasSubstr("data: 2"));
  EXPECT_THAT(client.hear_all(), Not(HasSubstr("data: 3")));
}

TEST_F(HttpServerTest, SaysWhatItCannotListenOn) {
  start();
  const auto listen = [](ListenOptions options) {
    HttpServer server{options, "", silent_sink(), echo};
  };
  const auto message_of = [&](const ListenOptions& options) -> std::string {
    try {
      listen(options);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(message_of({.port = port_}), HasSubstr("Address already in use"));
  EXPECT_THAT(message_of({.address = "example.com", .port = 0}), HasSubstr("give an address"));
  EXPECT_THAT(message_of({.port = 0, .certificate_file = "x.pem"}), HasSubstr("belong together"));
  EXPECT_THAT(message_of({.port = 0, .certificate_file = "/none.pem", .private_key_file = "/none"}),
              HasSubstr("/none.pem cannot be read"));
  EXPECT_THAT(message_of({.port = 0, .threads = 0}), HasSubstr("threads is 0"));
}

}  // namespace
}  // namespace portfire::dashboard
