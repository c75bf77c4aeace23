// The lives of children: warm, reused, replaced, told to go, and never left behind.

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>

#include <gmock/gmock.h>

#include "isolation/jobs.hpp"
#include "server/isolation/child_process.hpp"
#include "support/child.hpp"

namespace portfire::isolation_tests {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Children : public Isolated {};
PORTFIRE_SCENARIOS(Children);

std::size_t own_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST_P(Children, OneRunsManyJobs) {
  ServerOptions options = isolating();
  options.workers = 1;
  start(handlers(), options);
  std::set<int> processes;
  for (int i = 0; i < 20; ++i) processes.insert(result(client().enqueue(which_process)));
  EXPECT_EQ(processes.size(), 1U);
}

TEST_P(Children, OneIsReplacedAfterItsShare) {
  ServerOptions options = isolating();
  options.workers = 1;
  options.children.jobs_per_child = 2;
  start(handlers(), options);
  std::vector<int> processes;
  for (int i = 0; i < 6; ++i) processes.push_back(result(client().enqueue(which_process)));
  EXPECT_EQ(processes[0], processes[1]);
  EXPECT_NE(processes[1], processes[2]);
  EXPECT_EQ(processes[2], processes[3]);
  EXPECT_EQ(std::set<int>(processes.begin(), processes.end()).size(), 3U);
}

TEST_P(Children, AKindOfJobSaysWhereItRuns) {
  ServerOptions options = isolating();
  options.isolation = Isolation::thread;
  start(handlers(), options);
  EXPECT_EQ(result(client().enqueue_raw("here", "[]")), getpid());
  EXPECT_NE(result(client().enqueue_raw("apart", "[]")), getpid());
  EXPECT_EQ(result(client().enqueue(which_process)), getpid()) << "as the server says";
  stop_all();
  start_isolating();
  EXPECT_EQ(result(client().enqueue_raw("here", "[]")), getpid());
  EXPECT_NE(result(client().enqueue(which_process)), getpid());
}

TEST_P(Children, NothingIsLeftBehind) {
  const std::size_t before = own_descriptors();
  start_isolating();
  for (int i = 0; i < 20; ++i) client().enqueue(twice, i);
  for (const char* way : {"abort", "_exit", "closed socket"}) failure(client().enqueue(die, way));
  EXPECT_EQ(result(client().enqueue(twice, 1)), 2);
  stop_all();
  EXPECT_EQ(own_descriptors(), before);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "there is no child, alive or dead";
  EXPECT_EQ(errno, ECHILD);
}

TEST_P(Children, DescriptorsOfTheServerDoNotReachThem) {
  // One that nobody closes when a program is executed.
  const int leak = dup(STDERR_FILENO);
  ASSERT_GE(leak, 0);
  start_isolating();
  const auto names = result<Strings>(client().enqueue_raw("descriptors", "[]"));
  close(leak);
  ASSERT_EQ(names.size(), 6U) << ::testing::PrintToString(names);
  EXPECT_EQ(names[0], "0 /dev/null");
  EXPECT_THAT(names[3], StartsWith("3 socket"));
  EXPECT_THAT(names[4], StartsWith("4 socket"));
  EXPECT_THAT(names[5], StartsWith("5 /memfd:portfire-crash"));
}

TEST_P(Children, AServerCanStartAgain) {
  Server& server = start_isolating();
  EXPECT_EQ(result(client().enqueue(twice, 1)), 2);
  server.stop();
  server.start();
  EXPECT_EQ(result(client().enqueue(twice, 2)), 4);
}

TEST_P(Children, ManyAtOnce) {
  ServerOptions options = isolating();
  options.workers = 8;
  start(handlers(), options);
  std::vector<JobId> jobs;
  for (int i = 0; i < 500; ++i) {
    jobs.push_back(client().enqueue(twice, i));
    if (i % 50 == 0) jobs.push_back(client().enqueue(die, "abort"));
  }
  int failed = 0;
  for (const JobId job : jobs) failed += rest(job) == "Failed" ? 1 : 0;
  EXPECT_EQ(failed, 10) << "those that were to, and no other";
}

TEST_P(Children, AHandlerThatTheChildLacksIsMissedAtTheStart) {
  Handlers more = handlers();
  more.on("unknown", [] {});
  try {
    start(more, isolating());
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("\"unknown\""));
    EXPECT_THAT(error.what(), HasSubstr("serve_isolated"));
  }
}

// Children of a process that is killed end with it.
TEST(ChildrenOf, AKilledServerEndWithIt) {
  Child server{{}};
  const auto process = server::isolation::open_process(std::stoi(server.hear_line()));
  ASSERT_GE(process.number(), 0) << "it lives";
  EXPECT_FALSE(server::isolation::wait_readable(process.number(), 0ms));
  server.signal(SIGKILL);
  server.wait_status();
  EXPECT_TRUE(server::isolation::wait_readable(process.number(), 1min));
}

}  // namespace
}  // namespace portfire::isolation_tests
