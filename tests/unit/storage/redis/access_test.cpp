// Passwords, users and TLS.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/storage/redis/installation.hpp"

namespace portfire::redis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string refusal(const std::string& url, const std::string& more = "") {
  return error_of([&] { const Door door{url, more}; });
}

class RedisUserTest : public ::testing::Test {
 protected:
  std::string url(const std::string& user) {
    return "redis+unix://" + user + "@" + server_.socket().string() + "?prefix=portfire";
  }
  const PrivateRedis server_{
      {.settings = {{"user", "ann on >secret ~{portfire}* &{portfire}* +@all -@dangerous +info"},
                    {"user", "bob on >secret ~* &* +@all -info"},
                    {"user", "eve off >secret ~* &* +@all"}}}};
};

TEST_F(RedisUserTest, WithTheRightPassword) {
  const Door door{url("ann:secret")};
  EXPECT_EQ(door.command({"ACL", "WHOAMI"}).as_text(), "ann");
}

TEST_F(RedisUserTest, AWrongPasswordOrUser) {
  for (const char* user : {"ann:wrong", "nobody:secret", "eve:secret"}) {
    EXPECT_THAT(refusal(url(user)),
                AllOf(HasSubstr("user or password is wrong"), Not(HasSubstr("wrong@"))));
  }
}

TEST_F(RedisUserTest, AMissingPermission) {
  EXPECT_THAT(refusal(url("bob:secret")),
              AllOf(HasSubstr("INFO: the user may not do this"), HasSubstr("ACL SETUSER")));
  const Door door{url("ann:secret")};
  EXPECT_THAT(error_of([&] { door.command({"GET", "other"}); }), HasSubstr("NOPERM"));
}

TEST(RedisPasswordTest, OfTheServer) {
  const PrivateRedis server{
      {.tcp = true, .settings = {{"user", "default on >secret ~* &* +@all"}}}};
  const std::string rest = "127.0.0.1:" + std::to_string(server.port());
  const Door door{"redis://:secret@" + rest};
  EXPECT_THAT(door.gateway->description(), Not(HasSubstr("secret")));
  EXPECT_EQ(door.command({"PING"}).as_text(), "PONG");
  EXPECT_THAT(refusal("redis://" + rest), HasSubstr("a password is needed"));
  EXPECT_THAT(refusal("redis://:wrong@" + rest), HasSubstr("user or password is wrong"));
}

TEST(RedisPasswordTest, AnyDatabase) {
  const PrivateRedis server;
  const Door door{server.url(), "&db=3"};
  door.command({"SET", "key", "7"});
  EXPECT_EQ(server.execute({"EXISTS", "key"}), "0");
  EXPECT_THAT(refusal(server.url(), "&db=99"), HasSubstr("no database of that number"));
}

class RedisTlsTest : public ::testing::Test {
 protected:
  static PrivateRedis& server() {
    static PrivateRedis server{{.tcp = true, .tls = true}};
    return server;
  }
};

TEST_F(RedisTlsTest, ACertificateThatIsTrusted) {
  const Door door{server().tls_url()};
  // More than a record of TLS holds, both ways.
  const std::string large(100'000, 'x');
  EXPECT_EQ(door.command({"ECHO", large}).as_text(), large);
}

TEST_F(RedisTlsTest, ACertificateThatIsNot) {
  const PrivateRedis other{{.tls = true}};
  EXPECT_THAT(refusal("rediss://localhost:" + std::to_string(server().tls_port()) +
                      "?ca=" + other.certificate().string()),
              AllOf(HasSubstr("not trusted; check `ca`"), HasSubstr("self-signed certificate")));
}

TEST_F(RedisTlsTest, ACertificateForAnotherName) {
  const std::string rest =
      std::to_string(server().tls_port()) + "?ca=" + server().certificate().string();
  EXPECT_THAT(refusal("rediss://127.0.0.1:" + rest), HasSubstr("another name than the host"));
  const Door named{"rediss://127.0.0.1:" + rest + "&server_name=localhost"};
  EXPECT_EQ(named.command({"PING"}).as_text(), "PONG");
  const Door trusting{"rediss://127.0.0.1:" + std::to_string(server().tls_port()), "?verify=off"};
  EXPECT_EQ(trusting.command({"PING"}).as_text(), "PONG");
}

TEST_F(RedisTlsTest, APortWithoutTls) {
  EXPECT_THAT(refusal("rediss://localhost:" + std::to_string(server().port()),
                      "?connect_timeout=100ms&answer_timeout=100ms"),
              HasSubstr("does the server speak TLS on this port?"));
}

TEST_F(RedisTlsTest, AServerThatAsksForACertificate) {
  const PrivateRedis strict{{.tls = true, .settings = {{"tls-auth-clients", "yes"}}}};
  EXPECT_THAT(refusal(strict.tls_url()), HasSubstr("check `certificate` and `key`"));
  const Door door{strict.tls_url(), "&certificate=" + strict.certificate().string() +
                                        "&key=" + strict.key().string()};
  EXPECT_EQ(door.command({"PING"}).as_text(), "PONG");
}

TEST_F(RedisTlsTest, FilesThatCannotBeUsed) {
  try {
    const Door door{"rediss://localhost:1?ca=/nowhere/ca.pem"};
    FAIL() << "nothing was thrown";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("in the file '/nowhere/ca.pem' cannot be used"));
  }
}

}  // namespace
}  // namespace portfire::redis
