#include "simulation/scheduler.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace portfire::simulation {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// Two groups, and what their fibres need.
class Fibres : public testing::Test {
 protected:
  // Runs what was spawned to its end.
  bool run() {
    return scheduler_.run([] { return false; });
  }
  std::unique_ptr<Task> spawn(FibreRuntime& runtime, std::function<void()> body) {
    return runtime.spawn("fibre", std::move(body));
  }

  Group group_{.name = "one", .steady_offset = hours{7}};
  Group other_{.name = "two"};
  Scheduler scheduler_{1};
  FibreRuntime runtime_{scheduler_, group_, 1, 1};
  FibreRuntime elsewhere_{scheduler_, other_, 1, 2};
  std::vector<std::string> told_;
};

TEST_F(Fibres, AWaitEndsAtItsDeadlineInNoTime) {
  const auto event = runtime_.make_event();
  bool set = true;
  Duration passed{};
  const auto task = spawn(runtime_, [&] {
    const auto begin = runtime_.steady_now();
    set = event->wait_until(begin + hours{1}, {});
    passed = std::chrono::floor<Duration>(runtime_.steady_now() - begin);
  });
  EXPECT_TRUE(run());
  EXPECT_FALSE(set);
  EXPECT_GE(passed, hours{1});
  EXPECT_LT(passed, hours{1} + milliseconds{1});
}

TEST_F(Fibres, ASetEndsAWaitOfAnotherGroupWhateverItsClockShows) {
  const auto event = elsewhere_.make_event();
  bool set = false;
  const auto waiter =
      spawn(runtime_, [&] { set = event->wait_until(runtime_.steady_now() + hours{1}, {}); });
  const auto setter = spawn(elsewhere_, [&] {
    elsewhere_.make_event()->wait_until(elsewhere_.steady_now() + milliseconds{5}, {});
    event->set();
  });
  EXPECT_TRUE(run());
  EXPECT_TRUE(set);
  EXPECT_LT(scheduler_.now(), SteadyPoint{hours{1} + milliseconds{10}});
}

TEST_F(Fibres, AStopEndsAWaitWithoutSettingTheEvent) {
  const auto event = runtime_.make_event();
  std::stop_source stop;
  bool set = true;
  const auto waiter = spawn(runtime_, [&] { set = event->wait(stop.get_token()); });
  const auto stopper = spawn(runtime_, [&] { stop.request_stop(); });
  EXPECT_TRUE(run());
  EXPECT_FALSE(set);
}

TEST_F(Fibres, ASetWinsOverDeadlineAndStop) {
  const auto event = runtime_.make_event();
  std::stop_source stop;
  stop.request_stop();
  bool set = false;
  event->set();
  const auto waiter =
      spawn(runtime_, [&] { set = event->wait_until(SteadyPoint{}, stop.get_token()); });
  EXPECT_TRUE(run());
  EXPECT_TRUE(set);
}

TEST_F(Fibres, EachHasItsOwnExceptions) {
  const auto event = runtime_.make_event();
  const auto first = spawn(runtime_, [&] {
    try {
      throw std::runtime_error{"first"};
    } catch (const std::exception& error) {
      event->wait({});
      told_.push_back(error.what());
    }
    told_.push_back(std::current_exception() == nullptr ? "none left" : "one left");
  });
  const auto second = spawn(runtime_, [&] {
    try {
      throw std::runtime_error{"second"};
    } catch (const std::exception&) {
      event->set();
      runtime_.make_event()->wait_until(runtime_.steady_now() + hours{1}, {});
      try {
        throw;
      } catch (const std::exception& error) {
        told_.push_back(error.what());
      }
    }
  });
  EXPECT_TRUE(run());
  EXPECT_EQ(told_, (std::vector<std::string>{"first", "none left", "second"}));
}

TEST_F(Fibres, WhoeverIsCondemnedUnwindsAndNobodyElseDoes) {
  struct Leaving {
    std::vector<std::string>& told;
    ~Leaving() { told.push_back("unwound"); }
  };
  const auto event = runtime_.make_event();
  const auto doomed = spawn(runtime_, [&] {
    const Leaving leaving{told_};
    event->wait({});
    told_.push_back("went on");
  });
  const auto judge = spawn(elsewhere_, [&] {
    elsewhere_.make_event()->wait_until(elsewhere_.steady_now() + hours{1}, {});
    scheduler_.condemn(group_);
    elsewhere_.make_event()->wait_until(elsewhere_.steady_now() + hours{1}, {});
    told_.push_back("lives");
  });
  EXPECT_TRUE(run());
  EXPECT_EQ(told_, (std::vector<std::string>{"unwound", "lives"}));
}

// As a server is destroyed that has tasks: nothing is taken away that they still use.
TEST_F(Fibres, ACondemnedOwnerWaitsForItsTasks) {
  const auto owner = spawn(runtime_, [&] {
    const auto event = runtime_.make_event();
    int used = 0;
    const auto task = runtime_.spawn("task", [&] {
      try {
        event->wait({});
      } catch (...) {
        used = 1;
        throw;
      }
    });
    runtime_.make_event()->wait({});
    told_.push_back("went on " + std::to_string(used));
  });
  const auto judge = spawn(elsewhere_, [&] {
    elsewhere_.make_event()->wait_until(elsewhere_.steady_now() + hours{1}, {});
    scheduler_.condemn(group_);
  });
  EXPECT_TRUE(run());
  EXPECT_TRUE(told_.empty());
  EXPECT_TRUE(group_.fibres.empty());
}

TEST_F(Fibres, APausedGroupStandsStillWhileTimePasses) {
  const auto paused = spawn(runtime_, [&] {
    runtime_.make_event()->wait_until(runtime_.steady_now() + milliseconds{1}, {});
    told_.push_back(scheduler_.now() < SteadyPoint{hours{2}} ? "early" : "late");
  });
  scheduler_.pause(group_, hours{1});
  EXPECT_TRUE(run());
  EXPECT_EQ(told_, std::vector<std::string>{"late"});
}

TEST_F(Fibres, AWaitForNothingIsNoticed) {
  const auto event = runtime_.make_event();
  auto waiter = spawn(runtime_, [&] { event->wait({}); });
  EXPECT_FALSE(run());
  scheduler_.condemn(group_);
  EXPECT_TRUE(run());
}

TEST_F(Fibres, WhatLeavesATaskIsTold) {
  const auto task = spawn(runtime_, [] { throw std::runtime_error{"escaped"}; });
  EXPECT_TRUE(run());
  EXPECT_EQ(scheduler_.escaped(), "fibre: escaped");
}

}  // namespace
}  // namespace portfire::simulation
