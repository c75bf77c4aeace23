#pragma once

// What holds for every server that a test program starts for itself (`PrivatePostgres`,
// `PrivateRedis`): for INSTANTIATE_TYPED_TEST_SUITE_P, with its type.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "support/owned_process.hpp"

namespace portfire {

// Waits until a directory is removed.
inline void wait_until_removed(const std::filesystem::path& directory) {
  const int events = ::inotify_init1(IN_CLOEXEC);
  // An entry that is gone already cannot be watched.
  if (::inotify_add_watch(events, directory.c_str(), IN_DELETE_SELF) >= 0) {
    alignas(inotify_event) std::array<char, 4096> event{};
    EXPECT_GT(::read(events, event.data(), event.size()), 0);
  }
  ::close(events);
}

template <class Server>
class PrivateServerLifeTest : public ::testing::Test {};

TYPED_TEST_SUITE_P(PrivateServerLifeTest);

TYPED_TEST_P(PrivateServerLifeTest, NothingIsLeftBehind) {
  std::filesystem::path directory;
  pid_t server = -1;
  {
    const TypeParam own;
    directory = own.directory();
    server = own.pid();
    ASSERT_TRUE(std::filesystem::exists(directory));
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
  ASSERT_GT(server, 0);
  EXPECT_NE(::kill(server, 0), 0);
}

TYPED_TEST_P(PrivateServerLifeTest, ServerAndDirectoryGoWithAKilledProgram) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t number = ::fork();
  if (number == 0) {
    const TypeParam own;
    const std::string line = own.directory().string() + " " + std::to_string(own.pid()) + "\n";
    if (::write(ends[1], line.data(), line.size()) < 0) ::_exit(1);
    while (true) ::pause();
  }
  OwnedProcess program{number};
  ::close(ends[1]);
  FILE* told = ::fdopen(ends[0], "r");
  std::array<char, 200> directory{};
  pid_t server = -1;
  ASSERT_EQ(std::fscanf(told, "%199s %d", directory.data(), &server), 2);
  std::fclose(told);
  ASSERT_GT(server, 0);
  ASSERT_EQ(::kill(server, 0), 0);
  program.kill();
  wait_until_removed(directory.data());
  EXPECT_FALSE(std::filesystem::exists(directory.data()));
  EXPECT_FALSE(std::filesystem::exists("/proc/" + std::to_string(server) + "/cwd/."));
}

REGISTER_TYPED_TEST_SUITE_P(PrivateServerLifeTest, NothingIsLeftBehind,
                            ServerAndDirectoryGoWithAKilledProgram);

}  // namespace portfire
