#include "server/deputies.hpp"

#include <thread>

#include <gtest/gtest.h>

#include <portfire/runtime.hpp>

namespace portfire::server {
namespace {

using namespace std::chrono_literals;

class DeputiesTest : public ::testing::Test {
 protected:
  DeputiesTest() { dispatcher_.notify_when_idle(*idle_); }
  ~DeputiesTest() override {
    dispatcher_.close();
    if (worker_.joinable()) worker_.join();
  }

  void start_worker() {
    worker_ = std::thread{[this] { dispatcher_.next(0); }};
    idle_->wait({});
  }

  // Rests until a worker has acted. News may come a moment before the rest; then this task has
  // them, and rests again.
  void rest_until_a_worker_acts() {
    const auto rests = runtime_->make_event();
    std::thread teller{[&] {
      while (rests->wait({}) && acts_ == 0) deputies_.tell();
    }};
    while (acts_ == 0) {
      rests->set();
      deputies_.rest_until(SteadyPoint::max(), stop_.get_token());
    }
    rests->set();
    teller.join();
  }

  const std::shared_ptr<Runtime> runtime_ = thread_runtime();
  const std::unique_ptr<Event> idle_ = runtime_->make_event();
  const std::unique_ptr<Event> begun_ = runtime_->make_event();
  Lease lease_{24h};
  Dispatcher dispatcher_{*runtime_, lease_, QueueOrder{{"default"}}, 1};
  std::stop_source stop_;
  std::function<bool()> act_ = [] { return false; };
  std::atomic<int> acts_ = 0;
  std::atomic<int> done_ = 0;
  Deputies deputies_{*runtime_, dispatcher_, [this] {
                       ++acts_;
                       begun_->set();
                       const bool task_may_rest = act_();
                       ++done_;
                       return task_may_rest;
                     }};
  std::thread worker_;
};

TEST_F(DeputiesTest, TellsATaskThatDoesNotRest) {
  start_worker();
  deputies_.tell();
  deputies_.wait_until(SteadyPoint::max(), {});
  EXPECT_EQ(acts_, 0);
}

TEST_F(DeputiesTest, WhatCameBeforeTheRestEndsIt) {
  start_worker();
  deputies_.tell();
  deputies_.rest_until(SteadyPoint::max(), {});
  EXPECT_EQ(acts_, 0);
}

TEST_F(DeputiesTest, TellsTheTaskWhenNoWorkerIsIdle) {
  std::thread teller{[this] { deputies_.tell(); }};
  deputies_.rest_until(SteadyPoint::max(), {});
  teller.join();
  EXPECT_EQ(acts_, 0);
}

TEST_F(DeputiesTest, ARestEndsAtItsDeadlineAndUponAStop) {
  deputies_.rest_until(SteadyPoint{}, {});
  stop_.request_stop();
  deputies_.rest_until(SteadyPoint::max(), stop_.get_token());
}

TEST_F(DeputiesTest, AWorkerActsForTheRestingTaskAndWakesItForWhatIsLeft) {
  start_worker();
  rest_until_a_worker_acts();
  EXPECT_EQ(done_, 1);
}

TEST_F(DeputiesTest, AWorkerThatLeavesNothingLetsTheTaskRestOn) {
  start_worker();
  act_ = [] { return true; };
  std::thread other{[this] {
    begun_->wait({});
    idle_->wait({});
    // Acts again, so the task has not stirred.
    deputies_.tell();
    begun_->wait({});
    stop_.request_stop();
  }};
  rest_until_a_worker_acts();
  other.join();
  EXPECT_EQ(acts_, 2);
}

TEST_F(DeputiesTest, NewsWhileAWorkerActsAreForTheTaskOnceItIsDone) {
  start_worker();
  act_ = [this] {
    deputies_.tell();
    return true;
  };
  rest_until_a_worker_acts();
  EXPECT_EQ(done_, 1);
}

TEST_F(DeputiesTest, AStopWaitsForTheWorkerThatActs) {
  const auto go_on = runtime_->make_event();
  start_worker();
  act_ = [&] {
    stop_.request_stop();
    go_on->wait({});
    return true;
  };
  std::thread other{[&] {
    begun_->wait({});
    go_on->set();
  }};
  rest_until_a_worker_acts();
  EXPECT_EQ(done_, 1);
  other.join();
}

TEST_F(DeputiesTest, AfterTheRestTheTaskHasTheNewsAgain) {
  start_worker();
  rest_until_a_worker_acts();
  deputies_.tell();
  deputies_.wait_until(SteadyPoint::max(), {});
  EXPECT_EQ(acts_, 1);
}

}  // namespace
}  // namespace portfire::server
