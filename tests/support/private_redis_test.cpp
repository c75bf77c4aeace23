#include "support/private_redis.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>

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

TEST(PrivateRedisLifeTest, NothingIsLeftBehind) {
  std::filesystem::path directory;
  pid_t server = -1;
  {
    const PrivateRedis own;
    directory = own.directory();
    server = own.pid();
    ASSERT_TRUE(std::filesystem::exists(directory));
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
  EXPECT_NE(::kill(server, 0), 0);
}

// Waits until a directory is removed.
void wait_until_removed(const std::filesystem::path& directory) {
  const int events = ::inotify_init1(IN_CLOEXEC);
  // An entry that is gone already cannot be watched.
  if (::inotify_add_watch(events, directory.c_str(), IN_DELETE_SELF) >= 0) {
    alignas(inotify_event) std::array<char, 4096> event{};
    EXPECT_GT(::read(events, event.data(), event.size()), 0);
  }
  ::close(events);
}

TEST(PrivateRedisLifeTest, ServerAndDirectoryGoWithAKilledProgram) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t program = ::fork();
  if (program == 0) {
    const PrivateRedis own;
    const std::string line = own.directory().string() + " " + std::to_string(own.pid()) + "\n";
    if (::write(ends[1], line.data(), line.size()) < 0) ::_exit(1);
    while (true) ::pause();
  }
  ::close(ends[1]);
  FILE* told = ::fdopen(ends[0], "r");
  std::array<char, 200> directory{};
  pid_t server = -1;
  ASSERT_EQ(std::fscanf(told, "%199s %d", directory.data(), &server), 2);
  std::fclose(told);
  ASSERT_EQ(::kill(server, 0), 0);
  ::kill(program, SIGKILL);
  ::waitpid(program, nullptr, 0);
  wait_until_removed(directory.data());
  EXPECT_FALSE(std::filesystem::exists(directory.data()));
  EXPECT_FALSE(std::filesystem::exists("/proc/" + std::to_string(server) + "/cwd/."));
}

}  // namespace
}  // namespace portfire
