#include "storage/common/lender.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

namespace portfire {
namespace {

using ::testing::ElementsAre;

// Something to be lent that knows its number.
struct Tool {
  explicit Tool(int n) : number{n} {}
  const int number;
  bool is_good = true;
};

class LenderTest : public ::testing::Test {
 protected:
  using Loan = Lender<Tool>::Loan;
  static constexpr std::size_t most = 2;

  Loan borrow() {
    return lender_.borrow([](const Tool& tool) { return tool.is_good; },
                          [this] {
                            if (cannot_make_) throw std::runtime_error{"no wood"};
                            return std::make_unique<Tool>(++made_);
                          });
  }
  // A loan with an end of its own.
  std::unique_ptr<Loan> hold() { return std::unique_ptr<Loan>{new Loan{borrow()}}; }
  int borrowed_number() { return borrow()->number; }
  void wait_for_waiting(std::size_t count) {
    while (lender_.waiting() < count) std::this_thread::yield();
  }

  std::atomic<int> made_{0};
  std::atomic<bool> cannot_make_{false};
  std::atomic<bool> may_stay_{true};
  const std::shared_ptr<Runtime> runtime_ = thread_runtime();
  Lender<Tool> lender_{*runtime_, most, [this](Tool&) { return may_stay_.load(); }};
};

TEST_F(LenderTest, TheLastThatWasGivenBackIsLentFirst) {
  auto first = hold();
  auto second = hold();
  EXPECT_EQ((*second)->number, 2);
  first.reset();
  second.reset();
  EXPECT_EQ(borrowed_number(), 2);
  EXPECT_EQ(borrowed_number(), 2);
}

TEST_F(LenderTest, WhatMayNotStayIsGivenUp) {
  may_stay_ = false;
  EXPECT_EQ(borrowed_number(), 1);
  EXPECT_EQ(borrowed_number(), 2);
}

TEST_F(LenderTest, WhatIsNoLongerGoodIsReplaced) {
  auto bad = hold();
  (*bad)->is_good = false;
  bad.reset();
  const auto other = hold();
  EXPECT_EQ((*other)->number, 2);
  EXPECT_EQ(borrowed_number(), 3) << "the bad one is still there";
}

TEST_F(LenderTest, IdleOnesAreGivenUpOnRequest) {
  const auto held = hold();
  EXPECT_EQ(borrowed_number(), 2);
  lender_.close_idle();
  EXPECT_EQ(borrowed_number(), 3);
  EXPECT_EQ((*held)->number, 1);
}

TEST_F(LenderTest, WhoFindsNoneWaitsForOne) {
  const auto first = hold();
  auto second = hold();
  std::vector<std::jthread> callers;
  std::vector<int> numbers(2);
  for (int& number : numbers) callers.emplace_back([&] { number = borrowed_number(); });
  wait_for_waiting(numbers.size());
  second.reset();
  callers.clear();
  EXPECT_THAT(numbers, ElementsAre(2, 2));
}

TEST_F(LenderTest, APlaceThatCouldNotBeFilledIsTheNextOnes) {
  const auto first = hold();
  auto second = hold();
  may_stay_ = false;
  cannot_make_ = true;
  std::vector<std::jthread> callers;
  std::atomic<int> failed{0};
  for (std::size_t i = 0; i < most; ++i) {
    callers.emplace_back([&] {
      try {
        borrow();
      } catch (const std::runtime_error&) {
        ++failed;
      }
    });
  }
  wait_for_waiting(most);
  second.reset();
  callers.clear();
  EXPECT_EQ(failed, 2);
  cannot_make_ = false;
  EXPECT_EQ(borrowed_number(), 3);
}

TEST_F(LenderTest, OfManyCallersNoneMissesItsTurn) {
  std::atomic<std::size_t> lent{0};
  std::atomic<bool> has_been_exceeded{false};
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 8; ++caller) {
      callers.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) {
          const Loan loan = borrow();
          if (++lent > most) has_been_exceeded = true;
          if (i % 16 == 0) std::this_thread::yield();
          --lent;
        }
      });
    }
  }
  EXPECT_FALSE(has_been_exceeded);
  EXPECT_LE(made_, static_cast<int>(most));
}

}  // namespace
}  // namespace portfire
