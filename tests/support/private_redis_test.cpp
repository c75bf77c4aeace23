#include "support/private_redis.hpp"

#include <gtest/gtest.h>
#include <sys/types.h>

#include <stdexcept>
#include <string>

#include "support/private_server_life.hpp"
#include "support/redis_place.hpp"

namespace portfire {
namespace {

TEST(PrivateRedisTest, WhatIsAppendedOutlivesAKill) {
  PrivateRedis& server = PrivateRedis::shared();
  server.execute({"SET", "kept", "7"});
  const pid_t before = server.pid();
  server.kill();
  EXPECT_THROW(server.execute({"GET", "kept"}), std::runtime_error);
  server.start();
  EXPECT_NE(server.pid(), before);
  EXPECT_EQ(server.execute({"GET", "kept"}), "7");
}

TEST(PrivateRedisTest, NothingElseOutlivesARestart) {
  PrivateRedis server;
  server.execute({"SET", "kept", "7"});
  server.restart();
  EXPECT_EQ(server.execute({"GET", "kept"}), "");
}

TEST(PrivateRedisTest, APlaceTakesItsKeysWithIt) {
  PrivateRedis& server = PrivateRedis::shared();
  std::string key;
  {
    const RedisPlace place;
    const RedisPlace other;
    EXPECT_NE(place.prefix(), other.prefix());
    key = "{" + place.prefix() + "}:key";
    server.execute({"SET", key, "7"});
  }
  EXPECT_EQ(server.execute({"EXISTS", key}), "0");
}

TEST(PrivateRedisTest, AReplicaFollows) {
  const PrivateRedis master{{.tcp = true}};
  const PrivateRedis replica{{.replica_of = &master}};
  replica.wait_until({"INFO", "replication"}, "master_link_status:up");
  master.execute({"SET", "key", "7"});
  replica.wait_until({"GET", "key"}, "7");
}

INSTANTIATE_TYPED_TEST_SUITE_P(Redis, PrivateServerLifeTest, PrivateRedis);

}  // namespace
}  // namespace portfire
