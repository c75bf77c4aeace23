#include "server/dispatcher.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/testing/virtual_clock.hpp>

namespace portfire::server {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

Claimed claimed(std::string name, std::string queue = "default", int priority = 0,
                SteadyPoint at = SteadyPoint{1s}) {
  Claimed job;
  job.execution.name = std::move(name);
  job.execution.queue = std::move(queue);
  job.execution.priority = priority;
  job.claimed_at = at;
  return job;
}

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() { lease_.renewed(clock_.steady_now()); }

  void push(std::vector<Claimed> jobs) { dispatcher_.push(std::move(jobs)); }
  std::string next(std::size_t worker = 0) { return dispatcher_.next(worker)->execution.name; }

  testing::VirtualClock clock_;
  Lease lease_{30s};
  Dispatcher dispatcher_{clock_, lease_, QueueOrder{{"fast", "default"}}, 2};
};

TEST_F(DispatcherTest, GivesByQueueThenPriorityThenOrderOfTheClaims) {
  push({claimed("a"), claimed("b", "default", 5), claimed("c")});
  push({claimed("d", "fast", -100), claimed("e", "default", 5), claimed("f", "default", -1)});
  std::vector<std::string> order;
  for (int i = 0; i < 6; ++i) order.push_back(next());
  EXPECT_THAT(order, ElementsAre("d", "b", "e", "a", "c", "f"));
  EXPECT_EQ(dispatcher_.size(), 0U);
}

TEST_F(DispatcherTest, WakesAWorkerThatWaits) {
  std::string got;
  std::thread worker{[&] { got = next(1); }};
  push({claimed("a")});
  worker.join();
  EXPECT_EQ(got, "a");
}

TEST_F(DispatcherTest, OneWorkerWakesTheNextUntilAllWorkIsTaken) {
  const auto idle = clock_.make_event();
  dispatcher_.notify_when_idle(*idle);
  std::string first;
  std::string second;
  std::thread one{[&] { first = next(0); }};
  std::thread two{[&] { second = next(1); }};
  while (!dispatcher_.all_idle()) idle->wait({});
  push({claimed("a"), claimed("b")});
  one.join();
  two.join();
  EXPECT_EQ(first.size() + second.size(), 2U);
  EXPECT_NE(first, second);
}

TEST_F(DispatcherTest, StartsNothingWhileTheLeaseForbids) {
  clock_.advance(20s);
  push({claimed("a")});
  const auto idle = clock_.make_event();
  dispatcher_.notify_when_idle(*idle);
  std::string got;
  std::thread worker{[&] { got = next(); }};
  while (dispatcher_.idle_workers() == 0) idle->wait({});
  EXPECT_EQ(dispatcher_.size(), 1U);
  lease_.renewed(clock_.steady_now());
  dispatcher_.wake_all();
  worker.join();
  EXPECT_EQ(got, "a");
}

TEST_F(DispatcherTest, ClosingEndsTheWaitOfAllAndGivesNothingMore) {
  std::optional<Claimed> got = claimed("x");
  std::thread worker{[&] { got = dispatcher_.next(0); }};
  dispatcher_.close();
  worker.join();
  EXPECT_FALSE(got.has_value());
  push({claimed("a")});
  EXPECT_FALSE(dispatcher_.next(1).has_value());
}

TEST_F(DispatcherTest, AnIdleWorkerRunsAnErrandAndTakesTheFirstJobThatItBrings) {
  const auto idle = clock_.make_event();
  dispatcher_.notify_when_idle(*idle);
  std::string got;
  std::thread worker{[&] { got = next(1); }};
  while (dispatcher_.idle_workers() == 0) idle->wait({});
  bool sent_another = true;
  const std::function<void()> none;
  const std::function<void()> errand = [&] {
    sent_another = dispatcher_.send_idle_worker(none);
    push({claimed("a"), claimed("b")});
  };
  EXPECT_TRUE(dispatcher_.send_idle_worker(errand));
  worker.join();
  EXPECT_EQ(got, "a");
  EXPECT_FALSE(sent_another) << "the only idle worker was away";
  EXPECT_EQ(dispatcher_.idle_workers(), 0U);
}

TEST_F(DispatcherTest, NobodyIsSentOnAnErrandWhenNobodyIsIdle) {
  bool ran = false;
  const std::function<void()> errand = [&] { ran = true; };
  EXPECT_FALSE(dispatcher_.send_idle_worker(errand));
  push({claimed("a")});
  next();
  EXPECT_FALSE(ran);
}

TEST_F(DispatcherTest, AnErrandIsRunAlsoWhenTheDispatcherCloses) {
  const auto idle = clock_.make_event();
  dispatcher_.notify_when_idle(*idle);
  bool ran = false;
  const std::function<void()> errand = [&] { ran = true; };
  std::thread worker{[&] { dispatcher_.next(0); }};
  while (dispatcher_.idle_workers() == 0) idle->wait({});
  EXPECT_TRUE(dispatcher_.send_idle_worker(errand));
  dispatcher_.close();
  worker.join();
  EXPECT_TRUE(ran);
}

TEST_F(DispatcherTest, TakesOutWhatIsWantedInOrder) {
  push({claimed("a"), claimed("b", "fast"), claimed("c")});
  const auto taken =
      dispatcher_.take_if([](const Claimed& job) { return job.execution.name != "a"; });
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[0].execution.name, "b");
  EXPECT_EQ(taken[1].execution.name, "c");
  EXPECT_EQ(dispatcher_.size(), 1U);
  std::vector<std::string> rest;
  dispatcher_.for_each([&](const Claimed& job) { rest.push_back(job.execution.name); });
  EXPECT_THAT(rest, ElementsAre("a"));
}

TEST_F(DispatcherTest, KnowsTheOldestClaim) {
  EXPECT_EQ(dispatcher_.oldest(), std::nullopt);
  push({claimed("a", "default", 0, SteadyPoint{9s}), claimed("b", "fast", 0, SteadyPoint{5s})});
  EXPECT_EQ(dispatcher_.oldest(), SteadyPoint{5s});
}

TEST_F(DispatcherTest, SaysOnceWhenItRunsLow) {
  const auto low = clock_.make_event();
  const auto is_set = [&] { return low->wait_until(SteadyPoint{}, {}); };
  push({claimed("a"), claimed("b"), claimed("c")});
  dispatcher_.notify_when_low(*low, 2);
  EXPECT_FALSE(is_set());
  next();
  EXPECT_FALSE(is_set()) << "two are at hand";
  next();
  EXPECT_TRUE(is_set());
  next();
  EXPECT_FALSE(is_set()) << "once";
  dispatcher_.notify_when_low(*low, 2);
  EXPECT_TRUE(is_set()) << "so already";
}

TEST_F(DispatcherTest, AWorkerThatFindsNothingIsAlsoLow) {
  const auto low = clock_.make_event();
  dispatcher_.notify_when_low(*low, 0);
  std::thread worker{[&] { dispatcher_.next(0); }};
  EXPECT_TRUE(low->wait({}));
  dispatcher_.close();
  worker.join();
}

TEST(LeaseTest, AllowsStartsForTwoThirdsAndTripsJustBeforeTheEnd) {
  Lease lease{30s};
  lease.renewed(SteadyPoint{100s});
  EXPECT_TRUE(lease.may_start(SteadyPoint{119s}));
  EXPECT_FALSE(lease.may_start(SteadyPoint{120s}));
  EXPECT_EQ(lease.trips_at(), SteadyPoint{129s});
  lease.renewed(SteadyPoint{110s});
  EXPECT_TRUE(lease.may_start(SteadyPoint{120s}));
  EXPECT_EQ(lease.length(), 30s);
}

}  // namespace
}  // namespace portfire::server
