#include "storage/redis/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "support/tcp_gate.hpp"
#include "unit/storage/redis/installation.hpp"

namespace portfire::redis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A script that owns what `Script` points at.
struct OwnScript {
  explicit OwnScript(std::string its_text) : text{std::move(its_text)} {
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    ::SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    for (const unsigned char byte : digest) {
      static constexpr std::string_view digits = "0123456789abcdef";
      sha1 += digits[byte >> 4U];
      sha1 += digits[byte & 15U];
    }
    script = {.name = "test", .text = text, .sha1 = sha1};
  }
  OwnScript(const OwnScript&) = delete;
  OwnScript& operator=(const OwnScript&) = delete;

  std::string text;
  std::string sha1;
  Script script;
};

class GatewayTest : public ::testing::Test {
 protected:
  ScriptCall increment() { return {.script = &increment_.script, .keys = {key_}}; }
  std::string value() { return server_.execute({"GET", key_}); }

  const RedisPlace place_;
  PrivateRedis& server_ = place_.server();
  const std::string key_ = "{" + place_.prefix() + "}:counter";
  const OwnScript increment_{"return redis.call('INCR', KEYS[1])"};
  const OwnScript refuse_{"return redis.error_reply('REFUSED because')"};
  const OwnScript echo_{"return {KEYS[1], ARGV[1], ARGV[2]}"};
};

TEST_F(GatewayTest, CommandsAndScriptsAreAnswered) {
  const Door door{place_.url()};
  EXPECT_EQ(door.command({"PING"}).as_text(), "PONG");
  const std::string bytes{"\0\r\n\xFF", 4};
  const Reply reply = door.gateway->run(
      {.script = &echo_.script, .keys = {key_}, .arguments = {bytes, ""}, .writes = false});
  EXPECT_EQ(reply.as_array().at(0).as_text(), key_);
  EXPECT_EQ(reply.as_array().at(1).as_text(), bytes);
  EXPECT_EQ(reply.as_array().at(2).as_text(), "");
}

TEST_F(GatewayTest, AnErrorReplyIsThrownWithItsCode) {
  const Door door{place_.url()};
  try {
    door.gateway->run({.script = &refuse_.script});
    FAIL() << "nothing was thrown";
  } catch (const RedisError& error) {
    EXPECT_EQ(error.code(), "REFUSED");
    EXPECT_EQ(error.operation(), "test");
    EXPECT_FALSE(error.retryable());
  }
}

TEST_F(GatewayTest, SeveralTravelTogetherEachByItself) {
  const Door door{place_.url()};
  const ScriptCall refused{.script = &refuse_.script};
  const std::vector<ScriptCall> calls{increment(), refused, increment()};
  const std::vector<Reply> replies = door.gateway->run_all(calls);
  ASSERT_EQ(replies.size(), 3U);
  EXPECT_EQ(replies[0].as_integer() + replies[2].as_integer(), 1 + 2);
  EXPECT_EQ(replies[1].message(), "REFUSED because");
  EXPECT_TRUE(door.gateway->run_all({}).empty());
}

TEST_F(GatewayTest, ManyTravelTogether) {
  const Door door{place_.url()};
  const std::vector<ScriptCall> calls(20000, increment());
  const std::vector<Reply> replies = door.gateway->run_all(calls);
  EXPECT_EQ(replies.back().as_integer(), 20000);
}

TEST_F(GatewayTest, AScriptThatTheServerForgotIsLoadedAgain) {
  const Door door{place_.url()};
  door.gateway->run(increment());
  server_.execute({"SCRIPT", "FLUSH"});
  EXPECT_EQ(door.gateway->run(increment()).as_integer(), 2);
  server_.execute({"SCRIPT", "FLUSH"});
  const std::vector<ScriptCall> calls{increment(), increment(), increment()};
  EXPECT_EQ(door.gateway->run_all(calls).size(), 3U);
  EXPECT_EQ(value(), "5");
}

TEST_F(GatewayTest, ARestartOfTheServerIsNotNoticed) {
  const Door door{place_.url()};
  door.gateway->run(increment());
  server_.restart();
  EXPECT_EQ(door.gateway->run(increment()).as_integer(), 2);
}

TEST_F(GatewayTest, AConnectionThatIsKilledIsReplaced) {
  const Door door{place_.url()};
  door.gateway->run(increment());
  server_.execute({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_EQ(door.gateway->run(increment()).as_integer(), 2);
}

TEST_F(GatewayTest, AServerThatIsGoneIsAnErrorThatMayBeRetried) {
  PrivateRedis server;
  const Door door{server.url()};
  server.stop();
  try {
    door.command({"PING"});
    FAIL() << "nothing was thrown";
  } catch (const RedisError& error) {
    EXPECT_TRUE(error.retryable());
    EXPECT_FALSE(error.connection_lost());
    EXPECT_THAT(error.what(), AllOf(HasSubstr(door.gateway->description()),
                                    HasSubstr("PING: the server cannot be reached")));
  }
  server.start();
  EXPECT_EQ(door.command({"PING"}).as_text(), "PONG");
}

// Whose clock a test sets forward.
class JumpingRuntime final : public Runtime {
 public:
  TimePoint now() override { return real_->now(); }
  SteadyPoint steady_now() override { return real_->steady_now() + ahead; }
  std::unique_ptr<Task> spawn(std::string name, std::function<void()> body) override {
    return real_->spawn(std::move(name), std::move(body));
  }
  std::unique_ptr<Event> make_event() override { return real_->make_event(); }
  std::uint64_t random() override { return real_->random(); }

  Duration ahead{0};

 private:
  const std::shared_ptr<Runtime> real_ = thread_runtime();
};

TEST_F(GatewayTest, AConnectionIsTriedAfterALongRest) {
  const PrivateRedis server;
  const auto runtime = std::make_shared<JumpingRuntime>();
  Settings settings = settings_of(parse_storage_url(server.url()));
  settings.runtime = runtime;
  check(settings);
  const auto gateway = make_gateway(settings);
  const auto pings = [&server] {
    const std::string counts = server.execute({"INFO", "commandstats"});
    const auto at = counts.find("cmdstat_ping:");
    return at == std::string::npos ? "none" : counts.substr(at, counts.find(',', at) - at);
  };
  const std::array<std::string_view, 2> exists{"EXISTS", "key"};
  server.execute({"CONFIG", "RESETSTAT"});
  gateway->command(exists);
  EXPECT_EQ(pings(), "none");
  runtime->ahead += std::chrono::minutes{1};
  gateway->command(exists);
  EXPECT_EQ(pings(), "cmdstat_ping:calls=1");
}

class GatewayThroughGateTest : public GatewayTest {
 protected:
  std::string url() {
    return "redis://127.0.0.1:" + std::to_string(gate_.port()) + "/0?prefix=" + place_.prefix();
  }
  TcpGate gate_{server_.port()};
};

TEST_F(GatewayThroughGateTest, ACallWhoseAnswerWasLostIsSentAgain) {
  const Door door{url()};
  door.gateway->run(increment());
  gate_.cut_after(TcpGate::Way::to_client, 0);
  door.gateway->run(increment());
  EXPECT_TRUE(gate_.wait_for_cut());
  EXPECT_EQ(value(), "3") << "it was done, its answer lost, and done again";
}

TEST_F(GatewayThroughGateTest, UnlessItMustNotBeDoneTwice) {
  const Door door{url()};
  ScriptCall once = increment();
  once.repeatable = false;
  door.gateway->run(once);
  gate_.cut_after(TcpGate::Way::to_client, 0);
  try {
    door.gateway->run(once);
    FAIL() << "nothing was thrown";
  } catch (const RedisError& error) {
    EXPECT_TRUE(error.connection_lost());
    EXPECT_TRUE(error.retryable());
  }
  EXPECT_EQ(value(), "2");
}

// What has been answered before the cut is not done again.
TEST_F(GatewayThroughGateTest, OfSeveralOnlyTheUnansweredAreSentAgain) {
  const Door door{url()};
  door.gateway->run(increment());
  constexpr std::size_t first_answer = std::string_view{":2\r\n"}.size();
  gate_.cut_after(TcpGate::Way::to_client, first_answer);
  const std::vector<ScriptCall> calls{increment(), increment()};
  const std::vector<Reply> replies = door.gateway->run_all(calls);
  EXPECT_EQ(replies[0].as_integer(), 2);
  EXPECT_EQ(replies[1].as_integer(), 4);
}

TEST_F(GatewayThroughGateTest, AServerThatKeepsSilentIsNotWaitedForForEver) {
  const Door door{url(), "&answer_timeout=100ms&connect_timeout=100ms"};
  door.command({"PING"});
  gate_.stall();
  EXPECT_THAT(error_of([&] { door.command({"PING"}); }), HasSubstr("the server does not answer"));
  // Now there is no connection either, and a new one is accepted by the gate alone.
  EXPECT_THAT(error_of([&] { door.command({"PING"}); }), HasSubstr("cannot be reached"));
  gate_.open();
  EXPECT_EQ(door.command({"PING"}).as_text(), "PONG");
}

TEST_F(GatewayThroughGateTest, HeartbeatsDoNotQueueBehindWork) {
  const Door door{url(), "&max_connections=1"};
  const std::string list = "{" + place_.prefix() + "}:list";
  const std::array<std::string_view, 3> blocking{"BLPOP", list, "0"};
  std::thread worker{[&] { door.gateway->command(blocking); }};
  server_.wait_until({"CLIENT", "LIST"}, "cmd=blpop");
  const std::array<std::string_view, 1> ping{"PING"};
  EXPECT_EQ(door.gateway->command(ping, Lane::heartbeat).as_text(), "PONG");
  server_.execute({"RPUSH", list, "x"});
  worker.join();
}

TEST_F(GatewayTest, ManyCallersShareFewConnections) {
  const Door door{place_.url(), "&max_connections=2"};
  std::vector<std::thread> callers;
  constexpr int threads = 8;
  constexpr int times = 200;
  callers.reserve(threads);
  for (int i = 0; i < threads; ++i) {
    callers.emplace_back([&] {
      for (int count = 0; count < times; ++count) door.gateway->run(increment());
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(value(), std::to_string(threads * times));
}

TEST_F(GatewayTest, MemoryThatIsFullIsSaid) {
  PrivateRedis server;
  const Door door{server.url()};
  server.execute({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_THAT(error_of([&] { door.gateway->run(increment()); }),
              HasSubstr("test: the server's memory is full; raise maxmemory"));
  server.execute({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(door.gateway->run(increment()).as_integer(), 1);
}

TEST_F(GatewayTest, AServerThatIsBusyWithAScriptIsWaitedForAndThenSaid) {
  PrivateRedis server{{.settings = {{"lua-time-limit", "1"}}}};
  const Door door{server.url()};
  std::thread slow{[&] {
    EXPECT_THROW(server.execute({"EVAL", "while true do end", "0"}), std::runtime_error);
  }};
  std::string error;
  while (error.empty()) error = error_of([&] { door.command({"EXISTS", "key"}); });
  EXPECT_THAT(error, HasSubstr("somebody's script keeps the server busy"));
  server.execute({"SCRIPT", "KILL"});
  slow.join();
  EXPECT_EQ(door.command({"EXISTS", "key"}).as_integer(), 0);
}

TEST_F(GatewayTest, AServerWithoutRoomForClientsSaysSo) {
  PrivateRedis server;
  server.execute({"CONFIG", "SET", "maxclients", "1"});
  const Door first{server.url()};
  EXPECT_THAT(error_of([&] { const Door second{server.url()}; }),
              HasSubstr("raise its maxclients, or lower max_connections"));
}

}  // namespace
}  // namespace portfire::redis
