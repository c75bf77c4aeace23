#include "storage/redis/server_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/storage/redis/fake_server.hpp"
#include "unit/storage/redis/installation.hpp"

namespace portfire::redis::server_check_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Scene scene{"place", "open"};

std::vector<std::string> check(const std::string& info, Eviction eviction = Eviction::refuse) {
  const Settings settings{.eviction = eviction};
  return check_server(info, settings, scene);
}

std::string refusal(const std::string& info) {
  return error_of([&] { check(info); });
}

TEST(RedisServerCheckTest, TheVersionsThatWork) {
  EXPECT_THAT(check("redis_version:6.2.0\r\nmaxmemory_policy:noeviction\r\n"), IsEmpty());
  EXPECT_THAT(check("# Server\r\nredis_version:10.0.1\r\n"), IsEmpty());
  EXPECT_THAT(refusal("redis_version:6.0.16\r\n"), HasSubstr("too old: it is Redis 6.0.16"));
  EXPECT_THAT(refusal("redis_version:5.9\r\n"), HasSubstr("needs 6.2 or newer; upgrade it"));
  EXPECT_THAT(refusal("version:7\r\n"), HasSubstr("is it Redis?"));
}

TEST(RedisServerCheckTest, AServerThatEvictsIsRefusedOrToldOf) {
  const std::string info = "redis_version:7.0.15\r\nmaxmemory_policy:allkeys-lru\r\n";
  EXPECT_THAT(refusal(info),
              HasSubstr("place: open: the server's maxmemory-policy is allkeys-lru"));
  EXPECT_THAT(check(info, Eviction::warn),
              ElementsAre(HasSubstr("set `maxmemory-policy noeviction`")));
}

TEST(RedisServerCheckTest, AnOldServerIsRefusedWhenItIsOpened) {
  const FakeServer server{[](const FakeServer::Words& command) -> std::string {
    return command.front() == "INFO" ? "$23\r\nredis_version:5.0.14.1\r\n\r\n" : "+OK\r\n";
  }};
  EXPECT_THAT(error_of([&] { const Door door{server.url()}; }), HasSubstr("it is Redis 5.0.14.1"));
}

TEST(RedisServerCheckTest, ARealServerThatEvicts) {
  const PrivateRedis server{{.settings = {{"maxmemory-policy", "volatile-ttl"}}}};
  EXPECT_THAT(error_of([&] { const Door door{server.url()}; }), HasSubstr("volatile-ttl"));
  const Door door{server.url(), "&eviction=warn"};
  EXPECT_THAT(door.gateway->warnings(), ElementsAre(HasSubstr("volatile-ttl")));
}

}  // namespace
}  // namespace portfire::redis::server_check_test
