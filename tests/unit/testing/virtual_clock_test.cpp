#include <portfire/testing/virtual_clock.hpp>

#include <gtest/gtest.h>

#include <atomic>

namespace portfire::testing {
namespace {

using namespace std::chrono_literals;

TEST(VirtualClockTest, TimeStandsStill) {
  VirtualClock clock;
  const TimePoint now = clock.now();
  const SteadyPoint steady = clock.steady_now();
  EXPECT_EQ(clock.now(), now);
  EXPECT_EQ(clock.steady_now(), steady);
}

TEST(VirtualClockTest, AdvancingMovesBothClocks) {
  VirtualClock clock{TimePoint{100s}};
  const SteadyPoint steady = clock.steady_now();
  clock.advance(5s);
  EXPECT_EQ(clock.now(), TimePoint{105s});
  EXPECT_EQ(clock.steady_now(), steady + 5s);
}

TEST(VirtualClockTest, AStepMovesTheWallClockAlone) {
  VirtualClock clock{TimePoint{100s}};
  const SteadyPoint steady = clock.steady_now();
  clock.step(-30s);
  EXPECT_EQ(clock.now(), TimePoint{70s});
  EXPECT_EQ(clock.steady_now(), steady);
}

TEST(VirtualClockTest, ASetEventEndsOneWait) {
  VirtualClock clock;
  const auto event = clock.make_event();
  event->set();
  event->set();
  EXPECT_TRUE(event->wait_until(clock.steady_now(), {}));
  EXPECT_FALSE(event->wait_until(clock.steady_now(), {}));
}

TEST(VirtualClockTest, ASetWinsOverDeadlineAndStop) {
  VirtualClock clock;
  const auto event = clock.make_event();
  std::stop_source stop;
  stop.request_stop();
  event->set();
  EXPECT_TRUE(event->wait_until(clock.steady_now() - 1s, stop.get_token()));
}

TEST(VirtualClockTest, AWaitEndsWhenTheClockReachesItsDeadline) {
  VirtualClock clock;
  const auto event = clock.make_event();
  const SteadyPoint deadline = clock.steady_now() + 1h;
  std::atomic<bool> was_set = true;
  const auto waiter = clock.spawn("waiter", [&] { was_set = event->wait_until(deadline, {}); });
  clock.advance(30min);
  clock.advance(30min);
  waiter->join();
  EXPECT_FALSE(was_set);
}

TEST(VirtualClockTest, MovingTheClockSetsNoEvent) {
  VirtualClock clock;
  const auto event = clock.make_event();
  clock.advance(1h);
  EXPECT_FALSE(event->wait_until(clock.steady_now(), {}));
}

TEST(VirtualClockTest, AWaitEndsWhenItIsToldToStop) {
  VirtualClock clock;
  const auto event = clock.make_event();
  std::stop_source stop;
  std::atomic<bool> was_set = true;
  const auto waiter = clock.spawn("waiter", [&] { was_set = event->wait(stop.get_token()); });
  stop.request_stop();
  waiter->join();
  EXPECT_FALSE(was_set);
}

TEST(VirtualClockTest, AWaiterIsWokenFromAnotherThread) {
  VirtualClock clock;
  const auto event = clock.make_event();
  std::atomic<bool> was_set = false;
  const auto waiter = clock.spawn("waiter", [&] { was_set = event->wait({}); });
  event->set();
  waiter->join();
  EXPECT_TRUE(was_set);
}

}  // namespace
}  // namespace portfire::testing
