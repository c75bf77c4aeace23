// One file, several real processes.

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <portfire/sqlite.hpp>
#include <portfire/testing/builders.hpp>

#include "support/temporary_directory.hpp"
#include "unit/storage/sqlite/inspection.hpp"

namespace portfire::sqlite {
namespace {

// A running `other_process`, see there; killed at the end if it still lives.
class OtherProcess {
 public:
  explicit OtherProcess(std::vector<std::string> words) {
    words.insert(words.begin(), PORTFIRE_OTHER_PROCESS);
    int channel[2];
    if (::pipe(channel) != 0) throw std::runtime_error{"pipe"};
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(channel[1], STDOUT_FILENO);
      ::close(channel[0]);
      ::close(channel[1]);
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    ::close(channel[1]);
    if (child_ < 0) throw std::runtime_error{"fork"};
    output_ = ::fdopen(channel[0], "r");
  }
  ~OtherProcess() {
    kill();
    std::fclose(output_);
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  // Waits for its next line; empty when it has ended.
  std::string read_line() {
    char line[256];
    if (std::fgets(line, sizeof line, output_) == nullptr) return {};
    std::string text{line};
    text.pop_back();
    return text;
  }
  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }

 private:
  pid_t child_ = 0;
  std::FILE* output_ = nullptr;
};

class OtherProcesses : public ::testing::Test {
 protected:
  std::filesystem::path file() { return directory_.path() / "jobs.db"; }

  static SteadyPoint far_away() {
    // Only a failing test comes near it.
    return thread_runtime()->steady_now() + std::chrono::minutes{1};
  }
  static std::size_t total(const Statistics& statistics) {
    std::size_t sum = 0;
    for (const StateCount& count : statistics.live) sum += count.count;
    return sum;
  }

  TemporaryDirectory directory_;
  testing::TestIds ids_{1};
};

TEST_F(OtherProcesses, AreHeardByThoseWhoWait) {
  const auto storage = open(file());
  const auto subscription = storage->wakeup().subscribe({topics::queue("default")});
  OtherProcess other{{"enqueue", file(), "1", "2"}};
  EXPECT_TRUE(subscription->wait_until(far_away(), {}));
  EXPECT_EQ(other.read_line(), "done");
  EXPECT_EQ(total(storage->monitoring().statistics()), 1U);
}

TEST_F(OtherProcesses, AreHeardAgainAndAgain) {
  const auto storage = open(file());
  const auto subscription = storage->wakeup().subscribe({topics::queue("default")});
  constexpr std::size_t jobs = 50;
  OtherProcess other{{"enqueue", file(), std::to_string(jobs), "2"}};
  // Whoever waits after each look never misses the last one.
  while (total(storage->monitoring().statistics()) < jobs) {
    ASSERT_TRUE(subscription->wait_until(far_away(), {}));
  }
}

TEST_F(OtherProcesses, WriteInTurnsAndLoseNothing) {
  const auto storage = open(file());
  constexpr int jobs_each = 200;
  OtherProcess one{{"enqueue", file(), std::to_string(jobs_each), "2"}};
  OtherProcess two{{"enqueue", file(), std::to_string(jobs_each), "3"}};
  for (int i = 0; i < jobs_each; ++i) {
    const Unit unit = testing::UnitBuilder{ids_.next<UnitId>()}.create(
        testing::JobBuilder{ids_.next<JobId>(), "work"});
    ASSERT_EQ(storage->jobs().commit({&unit, 1}).front().status, CommitStatus::applied);
  }
  EXPECT_EQ(one.read_line(), "done");
  EXPECT_EQ(two.read_line(), "done");
  EXPECT_EQ(total(storage->monitoring().statistics()), 3U * jobs_each);
  EXPECT_EQ(storage->monitoring().statistics().lifetime.at("Created"), 3U * jobs_each);
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

TEST_F(OtherProcesses, WhatTheyAddIsKnownHere) {
  const auto storage = open(file());
  const ServerInfo server{.id = ids_.next<ServerId>(), .name = "test", .job_names = {"work"}};
  storage->coordination().announce(server);
  OtherProcess other{{"enqueue", file(), "3", "2"}};
  ASSERT_EQ(other.read_line(), "done");
  const auto executions =
      storage->jobs()
          .claim({.server = server.id, .token = 1, .queues = {"default"}, .max = 10})
          .executions;
  ASSERT_EQ(executions.size(), 3U);
  EXPECT_EQ(executions[0].name, "work");
}

// POSIX takes all locks of a process on a file with the first descriptor of it that is closed.
TEST_F(OtherProcesses, DoNotTakeAFileForTheirsThatWasOpenedHereTwice) {
  const auto storage = open(file());
  const auto add_one = [&] {
    const Unit unit = testing::UnitBuilder{ids_.next<UnitId>()}.create(
        testing::JobBuilder{ids_.next<JobId>(), "work"});
    ASSERT_EQ(storage->jobs().commit({&unit, 1}).front().status, CommitStatus::applied);
  };
  add_one();
  static_cast<void>(open(file()));
  EXPECT_EQ(schema_version(file()), schema_version());
  const std::string log = file().string() + "-wal";
  struct stat before{};
  struct stat after{};
  ASSERT_EQ(::stat(log.c_str(), &before), 0);
  OtherProcess other{{"enqueue", file(), "3", "2"}};
  ASSERT_EQ(other.read_line(), "done");
  ASSERT_EQ(other.read_line(), "") << "it has ended";
  ASSERT_EQ(::stat(log.c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino) << "it has removed the log that is in use here";
  add_one();
  EXPECT_EQ(storage->monitoring().statistics().lifetime.at("Created"), 5U);
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

TEST_F(OtherProcesses, KilledAtAnyMomentLeaveAConsistentFile) {
  const auto storage = open(file());
  for (std::uint64_t seed = 2; seed < 12; ++seed) {
    OtherProcess other{{"churn", file(), std::to_string(seed)}};
    // Some way into its work, and then wherever it happens to be.
    for (std::uint64_t round = 0; round < seed % 4 + 1; ++round) {
      ASSERT_NE(other.read_line(), "");
    }
    other.kill();
    ASSERT_EQ(Inspection{file()}.check(), "ok") << "seed " << seed;
    // Its lock has gone with it: this process goes on at once.
    const Unit unit = testing::UnitBuilder{ids_.next<UnitId>()}.create(
        testing::JobBuilder{ids_.next<JobId>(), "work"});
    ASSERT_EQ(storage->jobs().commit({&unit, 1}).front().status, CommitStatus::applied);
  }
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

}  // namespace
}  // namespace portfire::sqlite
