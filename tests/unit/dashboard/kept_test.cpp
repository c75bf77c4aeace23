#include "dashboard/kept.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <portfire/testing/virtual_clock.hpp>

namespace portfire::dashboard {
namespace {

using namespace std::chrono_literals;

// Found anew each time: how often it has been.
class KeptTest : public ::testing::Test {
 protected:
  int get() {
    return kept_.get(clock_, [this] {
      ++finds_;
      clock_.advance(takes_);
      if (fails_) throw std::runtime_error{"find " + std::to_string(finds_)};
      return finds_;
    });
  }
  // What it throws.
  std::string failure() {
    try {
      get();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "nothing";
  }

  testing::VirtualClock clock_;
  Kept<int> kept_{10s};
  Duration takes_{};
  bool fails_ = false;
  int finds_ = 0;
};

TEST_F(KeptTest, AnAnswerIsSharedUntilItIsOld) {
  EXPECT_EQ(get(), 1);
  clock_.advance(10s - 1us);
  EXPECT_EQ(get(), 1);
  clock_.advance(1us);
  EXPECT_EQ(get(), 2);
  EXPECT_EQ(finds_, 2);
}

TEST_F(KeptTest, WhatTakesLongIsAsOldAsItsEnd) {
  takes_ = 30s;
  EXPECT_EQ(get(), 1);
  clock_.advance(10s - 1us);
  EXPECT_EQ(get(), 1);
}

TEST_F(KeptTest, AnExceptionIsSharedForASecondAtMost) {
  fails_ = true;
  EXPECT_EQ(failure(), "find 1");
  clock_.advance(1s - 1us);
  EXPECT_EQ(failure(), "find 1");
  clock_.advance(1us);
  EXPECT_EQ(failure(), "find 2");
  fails_ = false;
  clock_.advance(1s);
  EXPECT_EQ(get(), 3);
  clock_.advance(9s);
  EXPECT_EQ(get(), 3) << "an answer is kept for its own time again";
}

TEST_F(KeptTest, AnExceptionTakesThePlaceOfAnAnswerThatIsOld) {
  EXPECT_EQ(get(), 1);
  fails_ = true;
  clock_.advance(10s);
  EXPECT_EQ(failure(), "find 2");
}

TEST_F(KeptTest, WhatIsKeptForLessThanASecondIsSoWhenItFails) {
  Kept<int> brief{100ms};
  int finds = 0;
  const auto fail = [&]() -> int { throw std::runtime_error{std::to_string(++finds)}; };
  EXPECT_THROW(brief.get(clock_, fail), std::runtime_error);
  clock_.advance(100ms);
  EXPECT_THROW(brief.get(clock_, fail), std::runtime_error);
  EXPECT_EQ(finds, 2);
}

}  // namespace
}  // namespace portfire::dashboard
