// Where the keys are: replicas, sentinels, clusters.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/storage/redis/installation.hpp"

namespace portfire::redis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const Script increment{.name = "increment",
                       .text = "return redis.call('INCR', KEYS[1])",
                       .sha1 = "61636018f4e6b5817b89791bbed242f93fa089e3"};
const ScriptCall call{.script = &increment, .keys = {"{portfire}:counter"}};

class RedisReplicaTest : public ::testing::Test {
 protected:
  RedisReplicaTest() {
    replica_.wait_until({"INFO", "replication"}, "master_link_status:up");
    master_.wait_until({"INFO", "replication"}, "state=online");
  }
  PrivateRedis master_{{.tcp = true}};
  PrivateRedis replica_{{.tcp = true, .replica_of = &master_}};
};

TEST_F(RedisReplicaTest, AReplicaIsNoMaster) {
  const Door door{replica_.url()};
  EXPECT_THAT(error_of([&] { door.gateway->run(call); }),
              AllOf(HasSubstr("increment: the server is a replica"), HasSubstr("redis+sentinel:")));
}

TEST_F(RedisReplicaTest, AChangeIsWaitedForOnReplicas) {
  const Door door{master_.url(), "&wait_replicas=1"};
  door.gateway->run(call);
  EXPECT_EQ(replica_.execute({"GET", "{portfire}:counter"}), "1");
}

TEST_F(RedisReplicaTest, AChangeThatReplicasDoNotConfirm) {
  const Door door{master_.url(), "&wait_replicas=2&wait_timeout=1s"};
  try {
    door.gateway->run(call);
    FAIL() << "nothing was thrown";
  } catch (const RedisError& error) {
    EXPECT_THAT(error.what(), HasSubstr("only 1 of 2 replicas have confirmed it within 1s"));
    EXPECT_TRUE(error.retryable());
    EXPECT_TRUE(error.connection_lost()) << "it may be done";
  }
  EXPECT_EQ(master_.execute({"GET", "{portfire}:counter"}), "1");
  ScriptCall reading = call;
  reading.writes = false;
  EXPECT_EQ(door.gateway->run(reading).as_integer(), 2);
}

class RedisSentinelTest : public RedisReplicaTest {
 protected:
  RedisSentinelTest() {
    // It usually takes ten seconds for what is tested here.
    sentinel_.execute({"SENTINEL", "DEBUG", "info-period", "200", "publish-period", "100"});
    sentinel_.wait_until({"SENTINEL", "replicas", "master"}, "master-link-status\nok");
  }
  std::string url() {
    return "redis+sentinel://127.0.0.1:1,127.0.0.1:" + std::to_string(sentinel_.port()) + "/master";
  }
  PrivateRedis sentinel_{{.tcp = true, .sentinel_of = &master_}};
};

TEST_F(RedisSentinelTest, TheMasterIsFoundAndFoundAgain) {
  const Door door{url()};
  EXPECT_EQ(door.gateway->run(call).as_integer(), 1);
  replica_.wait_until({"GET", "{portfire}:counter"}, "1");
  master_.kill();
  replica_.wait_until({"ROLE"}, "master");
  // Until the sentinel has written it down too, it names the old one.
  std::string error;
  long long counter = 0;
  do {
    error = error_of([&] { counter = door.gateway->run(call).as_integer(); });
  } while (!error.empty());
  EXPECT_EQ(counter, 2);
  EXPECT_EQ(replica_.execute({"GET", "{portfire}:counter"}), "2");
}

// The connection to the old master goes on; it says itself what it has become.
TEST_F(RedisSentinelTest, AMasterThatHasBecomeAReplicaIsLeft) {
  const Door door{url()};
  EXPECT_EQ(door.gateway->run(call).as_integer(), 1);
  replica_.wait_until({"GET", "{portfire}:counter"}, "1");
  sentinel_.execute({"SENTINEL", "failover", "master"});
  replica_.wait_until({"ROLE"}, "master");
  sentinel_.wait_until({"SENTINEL", "get-master-addr-by-name", "master"},
                       std::to_string(replica_.port()));
  master_.wait_until({"ROLE"}, "slave");
  EXPECT_EQ(door.gateway->run(call).as_integer(), 2);
  EXPECT_EQ(replica_.execute({"GET", "{portfire}:counter"}), "2");
}

TEST_F(RedisSentinelTest, WhatTheSentinelsSayWhenThereIsNoMaster) {
  const std::string sentinel = "127.0.0.1:" + std::to_string(sentinel_.port());
  EXPECT_THAT(error_of([&] { const Door door{"redis+sentinel://" + sentinel + "/other"}; }),
              HasSubstr("the sentinel " + sentinel + " knows no master 'other'"));
  EXPECT_THAT(error_of([&] { const Door door{"redis+sentinel://127.0.0.1:1/master"}; }),
              AllOf(HasSubstr("no sentinel leads to a master"),
                    HasSubstr("ask the sentinel 127.0.0.1:1: the server cannot be reached")));
}

// Two nodes, whose slots move between them.
class RedisClusterTest : public ::testing::Test {
 protected:
  RedisClusterTest() {
    Command all{"CLUSTER", "ADDSLOTS"};
    for (int slot = 0; slot < 16384; ++slot) all.push_back(std::to_string(slot));
    first_.execute(all);
    const auto bus = second_.execute({"CONFIG", "GET", "cluster-port"});
    first_.execute({"CLUSTER", "MEET", "127.0.0.1", std::to_string(second_.port()),
                    bus.substr(bus.find('\n') + 1)});
    for (const PrivateRedis* node : {&first_, &second_}) {
      node->wait_until({"CLUSTER", "INFO"}, "cluster_state:ok");
      node->wait_until({"CLUSTER", "INFO"}, "cluster_known_nodes:2");
    }
    slot_ = first_.execute({"CLUSTER", "KEYSLOT", "{portfire}"});
  }

  std::string id(const PrivateRedis& node) { return node.execute({"CLUSTER", "MYID"}); }
  void give_slot(const PrivateRedis& to) {
    for (const PrivateRedis* node : {&to, &first_, &second_}) {
      node->execute({"CLUSTER", "SETSLOT", slot_, "NODE", id(to)});
    }
  }
  static std::string url(const PrivateRedis& node) {
    return "redis+cluster://127.0.0.1:1,127.0.0.1:" + std::to_string(node.port());
  }

  const PrivateRedis first_{{.tcp = true, .cluster = true}};
  const PrivateRedis second_{{.tcp = true, .cluster = true}};
  std::string slot_;
};

TEST_F(RedisClusterTest, TheNodeWithOurKeysIsFoundThroughAnyOther) {
  const Door door{url(second_)};
  EXPECT_EQ(door.gateway->run(call).as_integer(), 1);
  EXPECT_EQ(first_.execute({"GET", "{portfire}:counter"}), "1");
}

TEST_F(RedisClusterTest, ASlotThatHasMovedIsFollowed) {
  const Door door{url(first_)};
  door.command({"SET", "{portfire}:other", "x"});
  door.command({"DEL", "{portfire}:other"});
  give_slot(second_);
  EXPECT_EQ(door.gateway->run(call).as_integer(), 1);
  const std::vector<ScriptCall> calls{call, call};
  EXPECT_EQ(door.gateway->run_all(calls).back().as_integer(), 3);
  EXPECT_EQ(second_.execute({"GET", "{portfire}:counter"}), "3");
}

TEST_F(RedisClusterTest, ASlotOnItsWayIsAskedFor) {
  const Door door{url(first_)};
  second_.execute({"CLUSTER", "SETSLOT", slot_, "IMPORTING", id(first_)});
  first_.execute({"CLUSTER", "SETSLOT", slot_, "MIGRATING", id(second_)});
  EXPECT_EQ(door.gateway->run(call).as_integer(), 1);
  EXPECT_EQ(first_.execute({"CLUSTER", "COUNTKEYSINSLOT", slot_}), "0");
  EXPECT_EQ(second_.execute({"CLUSTER", "COUNTKEYSINSLOT", slot_}), "1");
  give_slot(second_);
  EXPECT_EQ(door.gateway->run(call).as_integer(), 2);
}

TEST_F(RedisClusterTest, ASlotOfNobody) {
  for (const PrivateRedis* node : {&first_, &second_}) {
    node->execute({"CONFIG", "SET", "cluster-require-full-coverage", "no"});
    node->execute({"CLUSTER", "DELSLOTS", slot_});
  }
  EXPECT_THAT(error_of([&] { const Door door{url(first_)}; }),
              HasSubstr("the cluster has no node for our keys"));
}

}  // namespace
}  // namespace portfire::redis
