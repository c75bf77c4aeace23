#include "storage/redis/errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace portfire::redis::errors_test {
namespace {

using ::testing::HasSubstr;

const Scene scene{"redis://host:6379/0?prefix=portfire", "claim"};

template <class Body>
RedisError caught(Body&& body) {
  try {
    body();
  } catch (const RedisError& error) {
    return error;
  }
  throw std::logic_error{"nothing was thrown"};
}

RedisError reply_error(const std::string& message) {
  return caught([&] { throw_error_reply(scene, message); });
}

TEST(RedisErrorsTest, WhatARepliesNamesAndTheCure) {
  const RedisError error = reply_error("OOM command not allowed when used memory > 'maxmemory'.");
  EXPECT_STREQ(error.what(),
               "redis://host:6379/0?prefix=portfire: claim: the server's memory is full; raise "
               "maxmemory, or let finished jobs expire earlier (OOM command not allowed when used "
               "memory > 'maxmemory'.)");
  EXPECT_EQ(error.operation(), "claim");
  EXPECT_EQ(error.code(), "OOM");
  EXPECT_TRUE(error.retryable());
  EXPECT_FALSE(error.connection_lost());
}

TEST(RedisErrorsTest, EachHasItsRemedy) {
  const std::pair<const char*, Remedy> remedies[] = {
      {"NOSCRIPT No matching script. Please use EVAL.", Remedy::load},
      {"MOVED 3999 127.0.0.1:6381", Remedy::follow},
      {"ASK 3999 127.0.0.1:6381", Remedy::follow},
      {"READONLY You can't write against a read only replica.", Remedy::rediscover},
      {"MASTERDOWN Link with MASTER is down", Remedy::rediscover},
      {"LOADING Redis is loading the dataset in memory", Remedy::repeat},
      {"TRYAGAIN Multiple keys request during rehashing of slot", Remedy::repeat},
      {"CLUSTERDOWN Hash slot not served", Remedy::repeat},
      {"BUSY Redis is busy running a script.", Remedy::repeat},
      {"MISCONF Redis is configured to save RDB snapshots", Remedy::wait},
      {"NOREPLICAS Not enough good replicas to write.", Remedy::wait},
      {"ERR max number of clients reached", Remedy::wait},
      {"WRONGPASS invalid username-password pair or user is disabled.", Remedy::none},
      {"NOAUTH Authentication required.", Remedy::none},
      {"NOPERM this user has no permissions", Remedy::none},
      {"WRONGTYPE Operation against a key holding the wrong kind of value", Remedy::none},
      {"ERR something else", Remedy::none},
  };
  for (const auto& [message, remedy] : remedies) {
    EXPECT_EQ(remedy_of(message), remedy) << message;
    EXPECT_EQ(reply_error(message).retryable(), remedy != Remedy::none) << message;
  }
}

TEST(RedisErrorsTest, WhatAScriptOfRedisSixMeetsCountsAsItsOwn) {
  const std::string message =
      "ERR Error running script (call to f_0123): @user_script:4: @user_script: 4: -READONLY You "
      "can't write against a read only replica.";
  EXPECT_EQ(remedy_of(message), Remedy::rediscover);
  EXPECT_EQ(reply_error(message).code(), "READONLY");
}

TEST(RedisErrorsTest, ALostAnswerIsToldFromACallThatWasNeverSent) {
  const StreamError broken{StreamError::Kind::lost, "Broken pipe"};
  const Address address{.endpoint = {"host", 6379}};
  const RedisError lost =
      caught([&] { throw_stream_error(scene, address, broken, Sent::perhaps); });
  EXPECT_TRUE(lost.connection_lost());
  EXPECT_TRUE(lost.retryable());
  const RedisError unsent = caught([&] { throw_stream_error(scene, address, broken, Sent::no); });
  EXPECT_FALSE(unsent.connection_lost());
  EXPECT_TRUE(unsent.retryable());
  EXPECT_THAT(unsent.what(), HasSubstr("cannot be reached (host:6379: Broken pipe)"));
}

TEST(RedisErrorsTest, Redirections) {
  const Address from{.endpoint = {"here", 1}};
  const auto moved = redirection_in("MOVED 3999 other:6381", from);
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->asking);
  EXPECT_EQ(moved->endpoint, (Endpoint{"other", 6381}));
  EXPECT_TRUE(redirection_in("ASK 3999 other:6381", from)->asking);
  EXPECT_EQ(redirection_in("MOVED 3999 :6381", from)->endpoint, (Endpoint{"here", 6381}));
  EXPECT_EQ(redirection_in("MOVED 3999 fe80::1:6381", from)->endpoint, (Endpoint{"fe80::1", 6381}));
  EXPECT_FALSE(redirection_in("MOVED 3999 nonsense", from));
  EXPECT_FALSE(redirection_in("ERR other:6381", from));
}

}  // namespace
}  // namespace portfire::redis::errors_test
