#include "support/owned_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "support/child.hpp"

namespace portfire {
namespace {

using namespace std::chrono_literals;

// Ends at once with this code, or waits to be killed.
OwnedProcess process_that_ends(std::optional<int> code) {
  const pid_t number = ::fork();
  if (number == 0) {
    while (!code) ::pause();
    ::_exit(*code);
  }
  return OwnedProcess{number};
}

TEST(OwnedProcess, IsNotMadeOfAForkThatFailed) {
  EXPECT_THROW(OwnedProcess{-1}, std::system_error);
  EXPECT_THROW(OwnedProcess{0}, std::system_error);
}

// Signal 0 asks whether one could be sent: to -1, it could.
TEST(OwnedProcess, SignalsNobodyWhereThereIsNone) {
  OwnedProcess none;
  EXPECT_FALSE(none);
  EXPECT_FALSE(none.signal(0));
  EXPECT_EQ(none.number(), -1);
  EXPECT_TRUE(none.has_ended(1min));
  EXPECT_FALSE(none.wait_until_stopped());
  EXPECT_THROW(none.wait(), std::logic_error);
}

TEST(OwnedProcess, IsNotSignalledAfterItWasWaitedFor) {
  OwnedProcess process = process_that_ends(7);
  const int status = process.wait();
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_FALSE(process.signal(0));
  EXPECT_THROW(process.wait(), std::logic_error);
}

TEST(OwnedProcess, KeepsItsNumberUntilItIsWaitedFor) {
  OwnedProcess process = process_that_ends(7);
  EXPECT_TRUE(process.has_ended(1min));
  EXPECT_TRUE(process.has_ended(0ms));
  EXPECT_FALSE(process.wait_until_stopped());
  EXPECT_TRUE(process.signal(0));
  EXPECT_EQ(WEXITSTATUS(process.wait()), 7);
}

TEST(OwnedProcess, StandsStillAndGoesOn) {
  OwnedProcess process = process_that_ends(std::nullopt);
  for (int i = 0; i < 2; ++i) {
    process.signal(SIGSTOP);
    EXPECT_TRUE(process.wait_until_stopped());
    EXPECT_FALSE(process.has_ended(0ms));
    process.signal(SIGCONT);
  }
  process.signal(SIGTERM);
  EXPECT_EQ(WTERMSIG(process.wait()), SIGTERM);
}

TEST(OwnedProcess, EndsWithTheObjectOfItsParentAlone) {
  pid_t number = -1;
  {
    OwnedProcess process = process_that_ends(std::nullopt);
    number = process.number();
    const pid_t copy = ::fork();
    if (copy == 0) {
      {
        const OwnedProcess copied = std::move(process);
        if (copied || copied.signal(0)) ::_exit(1);
      }
      ::_exit(0);
    }
    EXPECT_EQ(OwnedProcess{copy}.wait(), 0);
    EXPECT_FALSE(process.has_ended(0ms));
  }
  EXPECT_NE(::kill(number, 0), 0);
}

// It ends by itself, with no test to run.
TEST(AChild, IsNotWaitedForTwice) {
  Child child{{"--gtest_filter=-*"}};
  child.wait_status();
  EXPECT_EQ(child.process(), -1);
  child.signal(0);
  EXPECT_THROW(child.wait_status(), std::logic_error);
}

}  // namespace
}  // namespace portfire
