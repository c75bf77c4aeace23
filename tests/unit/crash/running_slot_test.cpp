#include "crash/running_slot.hpp"

#include <atomic>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace portfire::crash::running_slot_test {
namespace {

constexpr ServerId server{1, 2};

RunningExecution numbered(std::uint64_t number) {
  const std::string name(number % 100, static_cast<char>('a' + number % 26));
  return {server, {.ref = {.job = {number, number}, .epoch = number}, .name = name}};
}

TEST(RunningSlot, ShowsWhatRuns) {
  RunningSlot slot;
  RunningExecution seen;
  EXPECT_FALSE(slot.read(seen));
  EXPECT_EQ(RunningSlot::current(), nullptr);
  const int bottom = 0;
  slot.show(numbered(7), &bottom);
  EXPECT_EQ(RunningSlot::current(), &slot);
  EXPECT_EQ(RunningSlot::current_bottom(), &bottom);
  std::thread{[] { EXPECT_EQ(RunningSlot::current(), nullptr); }}.join();
  ASSERT_TRUE(slot.read(seen));
  EXPECT_EQ(seen.server, server);
  EXPECT_EQ(seen.job, (JobId{7, 7}));
  EXPECT_EQ(seen.epoch, 7U);
  EXPECT_STREQ(seen.name.data(), "hhhhhhh");
  slot.hide();
  EXPECT_FALSE(slot.read(seen));
  EXPECT_EQ(RunningSlot::current(), nullptr);
}

TEST(RunningSlot, AnExecutionInAnotherProcessIsNotThatOfTheThread) {
  RunningSlot slot;
  slot.show(numbered(7), nullptr);
  slot.set_apart(true);
  EXPECT_EQ(RunningSlot::current(), nullptr);
  RunningExecution seen;
  ASSERT_TRUE(slot.read(seen));
  EXPECT_TRUE(seen.apart);
  EXPECT_EQ(seen.job, (JobId{7, 7}));
  slot.set_apart(false);
  EXPECT_EQ(RunningSlot::current(), &slot);
  ASSERT_TRUE(slot.read(seen));
  EXPECT_FALSE(seen.apart);
  slot.hide();
}

TEST(RunningSlot, IsNeverReadHalfWritten) {
  RunningSlot slot;
  std::atomic<bool> done{false};
  std::thread writer{[&] {
    constexpr std::uint64_t changes = 100'000;
    for (std::uint64_t i = 1; i <= changes; ++i) slot.show(numbered(i), nullptr);
    done = true;
  }};
  RunningExecution seen;
  std::uint64_t latest = 0;
  while (!done) {
    if (!slot.read(seen)) continue;
    ASSERT_GE(seen.epoch, latest);
    ASSERT_EQ(seen.job, (JobId{seen.epoch, seen.epoch}));
    ASSERT_EQ(std::string{seen.name.data()}, numbered(seen.epoch).name.data());
    latest = seen.epoch;
  }
  writer.join();
  ASSERT_TRUE(slot.read(seen));
  EXPECT_EQ(seen.epoch, 100'000U);
}

}  // namespace
}  // namespace portfire::crash::running_slot_test
