// Every way to die costs one execution, and the history says which it was.

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>

#include "isolation/jobs.hpp"
#include "server/isolation/child_process.hpp"

namespace portfire::isolation_tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Deaths : public Isolated {};
PORTFIRE_SCENARIOS(Deaths);

// Of this program, that serve jobs.
std::vector<pid_t> children() {
  std::vector<pid_t> found;
  for (const auto& thread : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::ifstream list{thread.path() / "children"};
    for (pid_t child = 0; list >> child;) {
      std::ifstream words{"/proc/" + std::to_string(child) + "/cmdline"};
      const std::string line{std::istreambuf_iterator<char>{words}, {}};
      if (line.find(server::isolation::child_word) != std::string::npos) found.push_back(child);
    }
  }
  return found;
}

struct Way {
  const char* name;
  const char* message;  // a part of it
  std::optional<int> signal;
  std::optional<int> exit_status;
};

class WayToDie : public Deaths {};
PORTFIRE_SCENARIOS(WayToDie);

TEST_P(WayToDie, CostsOneExecution) {
  start_isolating();
  const std::vector<Way> ways = {
      {"segmentation fault", "was ended by SIGSEGV", SIGSEGV, {}},
      {"abort", "was ended by SIGABRT", SIGABRT, {}},
      {"_exit", "exited with status 3", {}, 3},
      {"exit", "exited with status 4", {}, 4},
      {"terminate", "was ended by SIGABRT", SIGABRT, {}},
      {"noexcept", "was ended by SIGABRT", SIGABRT, {}},
      {"another thread", "was ended by SIGABRT", SIGABRT, {}},
      {"stack overflow", "was ended by SIGSEGV", SIGSEGV, {}},
      {"killed", "was ended by SIGKILL", SIGKILL, {}},
      {"closed socket", "it had closed its connection", SIGKILL, {}},
      {"garbage", "no message of Portfire's", SIGKILL, {}},
  };
  for (const Way& way : ways) {
    SCOPED_TRACE(way.name);
    const JobId job = client().enqueue(die, way.name);
    const nlohmann::json data = failure(job);
    EXPECT_EQ(data["type"], "portfire::ProcessDied");
    EXPECT_THAT(data["message"].get<std::string>(), HasSubstr(way.message));
    EXPECT_THAT(details(job).reason, HasSubstr(way.message));
    const nlohmann::json& process = data["process"];
    EXPECT_GT(process["id"].get<int>(), 0);
    EXPECT_EQ(process["crashes"], 1);
    if (way.signal) {
      EXPECT_EQ(process["signal_number"], *way.signal) << process;
    }
    if (way.exit_status) {
      EXPECT_EQ(process["exit_status"], *way.exit_status) << process;
    }
    EXPECT_GE(process["user_seconds"].get<double>(), 0.0);
    EXPECT_EQ(history(job), (Strings{"Enqueued", "Processing", "Failed"}));
    // The others go on.
    EXPECT_EQ(result(client().enqueue(twice, 8)), 16);
  }
}

TEST_P(Deaths, WhatDoesNotStopInTimeIsKilled) {
  start_isolating();
  for (const char* way : {"endless loop", "stopped"}) {
    SCOPED_TRACE(way);
    const JobId job = client().with({.timeout = 20ms}).enqueue(die, way);
    const nlohmann::json data = failure(job);
    EXPECT_THAT(data["message"].get<std::string>(),
                HasSubstr("killed by the server: it still ran 10ms after it was told to stop "
                          "(timeout)"));
    EXPECT_THAT(details(job).reason, HasSubstr("Timed out after 20ms"));
    EXPECT_EQ(data["process"]["killed_by_server"], true);
    EXPECT_FALSE(data["process"].contains("crashes")) << "a timeout is no crash";
    EXPECT_EQ(result(client().enqueue(twice, 8)), 16);
  }
}

TEST_P(Deaths, WhatNeverFallsSilentIsKilledToo) {
  start_isolating();
  failure(client().with({.timeout = 20ms}).enqueue_raw("chatter", "[]"));
  EXPECT_EQ(result(client().enqueue(twice, 8)), 16);
}

// Whoever stops a service tells all of its processes.
TEST_P(Deaths, TerminationIsForTheServerToSay) {
  start_isolating();
  EXPECT_EQ(rest(client().enqueue(die, "terminated")), "Succeeded");
}

TEST_P(Deaths, ADeletedJobThatGoesOnIsKilled) {
  ServerOptions options = isolating();
  options.workers = 1;
  start(handlers(), options);
  const JobId job = client().enqueue(die, "endless loop");
  ASSERT_TRUE(until_state(job, "Processing"));
  ASSERT_TRUE(client().delete_job(job));
  EXPECT_EQ(result(client().enqueue(twice, 8)), 16) << "its worker is free again";
  EXPECT_EQ(rest(job), "Deleted");
}

TEST_P(Deaths, AServerThatStopsKillsWhatDoesNotStop) {
  ServerOptions options = isolating();
  options.shutdown_timeout = 50ms;
  options.children.kill_after = 1h;
  Server& server = start(handlers(), options);
  const JobId job = client().enqueue(die, "endless loop");
  ASSERT_TRUE(until_state(job, "Processing"));
  server.stop();
  EXPECT_EQ(details(job).state, "Enqueued");
  EXPECT_EQ(details(job).attempt, 0U) << "it was not its fault";
}

TEST_P(Deaths, WhatWasSaidBeforeIsKept) {
  start_isolating();
  const JobId job = client().enqueue_raw("say_and_die", "[]");
  failure(job);
  const auto lines = storage().monitoring().log(job, 0, 10);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].text, "last words");
  EXPECT_EQ(client().parameter<int>(job, "kept"), 1);
}

TEST_P(Deaths, ACrashIsRetriedByTheUsualRules) {
  ServerOptions options = isolating();
  options.retry = {.attempts = 3, .delays = {Duration::zero()}};
  start(handlers(), options);
  const JobId job = client().enqueue_raw("loop_if_first", "[]");
  EXPECT_EQ(result(job), 2);
  EXPECT_EQ(history(job),
            (Strings{"Enqueued", "Processing", "[Failed]", "Enqueued", "Processing", "Succeeded"}));
  EXPECT_FALSE(client().parameter<int>(job, "portfire.crashes").has_value()) << "forgiven";
}

TEST_P(Deaths, AJobThatCrashesAgainAndAgainIsPoison) {
  ServerOptions options = isolating();
  options.retry = {.attempts = 100, .delays = {Duration::zero()}};
  options.crash_limit = 3;
  start(handlers(), options);
  const JobId job = client().enqueue(die, "abort");
  const nlohmann::json data = failure(job);
  EXPECT_EQ(data["process"]["crashes"], 3);
  EXPECT_THAT(data["message"].get<std::string>(), HasSubstr("has crashed 3 times in a row"));
  EXPECT_EQ(details(job).attempt, 2U);
  // Whoever runs it again gives it a new life.
  ASSERT_TRUE(client().requeue(job));
  EXPECT_EQ(failure(job)["process"]["crashes"], 3);
}

// Its process is killed between two jobs, which is no fault of the second one.
TEST_P(Deaths, AJobIsNotBlamedForWhatAnEarlierOneHasLeftBehind) {
  ServerOptions options = isolating();
  options.workers = 1;
  options.children.spare = 0;
  start(handlers(), options);
  for (int i = 0; i < 5; ++i) {
    const int child = result(client().enqueue(which_process));
    const auto descriptor = server::isolation::open_process(child);
    ASSERT_GE(descriptor.number(), 0);
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_TRUE(server::isolation::wait_readable(descriptor.number(), 1min));
    EXPECT_EQ(result(client().enqueue(twice, i)), 2 * i);
  }
}

// More of them than a job has tries.
TEST_P(Deaths, ChildrenThatDieAtRestCostNothing) {
  constexpr std::size_t at_rest = 8;
  ServerOptions options = isolating();
  options.children.spare = at_rest;
  start(handlers(), options);
  ASSERT_TRUE(until([] { return children().size() >= at_rest; }));
  for (const pid_t child : children()) {
    const auto descriptor = server::isolation::open_process(child);
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_TRUE(server::isolation::wait_readable(descriptor.number(), 1min));
  }
  const JobId job = client().enqueue(twice, 8);
  EXPECT_EQ(result(job), 16);
  EXPECT_EQ(history(job), (Strings{"Enqueued", "Processing", "Succeeded"}));
}

TEST_P(Deaths, WhatACrashedJobHasStartedEndsWithIt) {
  start_isolating();
  const JobId job = client().enqueue_raw("leave_behind", "[]");
  failure(job);
  const int left = client().parameter<int>(job, "left").value();
  const auto descriptor = server::isolation::open_process(left);
  if (descriptor.number() >= 0) {
    EXPECT_TRUE(server::isolation::wait_readable(descriptor.number(), 1min));
  }
}

}  // namespace
}  // namespace portfire::isolation_tests
