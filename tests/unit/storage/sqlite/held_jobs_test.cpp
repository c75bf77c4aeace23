#include "storage/sqlite/held_jobs.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace portfire::sqlite {
namespace {

TEST(HeldTable, FindsWhatWasInsertedAndNothingElse) {
  HeldTable table;
  EXPECT_EQ(table.find(1), nullptr);
  table.insert({.key = 1, .epoch = 5});
  ASSERT_NE(table.find(1), nullptr);
  EXPECT_EQ(table.find(1)->epoch, 5U);
  EXPECT_EQ(table.find(2), nullptr);
  table.erase(1);
  EXPECT_EQ(table.find(1), nullptr);
  EXPECT_EQ(table.size(), 0U);
}

TEST(HeldTable, ASecondInsertionReplacesTheFirst) {
  HeldTable table;
  table.insert({.key = 1, .epoch = 5});
  table.insert({.key = 1, .epoch = 6});
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.find(1)->epoch, 6U);
}

TEST(HeldTable, AgreesWithAMapOverManyInsertionsAndErasures) {
  constexpr unsigned seed = 42;
  constexpr int steps = 20'000;
  std::mt19937 random{seed};
  HeldTable table;
  std::map<std::int64_t, std::uint64_t> model;
  for (int step = 0; step < steps; ++step) {
    const std::int64_t key = 1 + static_cast<std::int64_t>(random() % 300);
    if (random() % 2 == 0) {
      table.insert({.key = key, .epoch = static_cast<std::uint64_t>(step)});
      model[key] = static_cast<std::uint64_t>(step);
    } else {
      table.erase(key);
      model.erase(key);
    }
  }
  ASSERT_EQ(table.size(), model.size()) << "seed " << seed;
  for (std::int64_t key = 1; key <= 300; ++key) {
    const HeldJob* found = table.find(key);
    ASSERT_EQ(found != nullptr, model.contains(key)) << "key " << key << ", seed " << seed;
    if (found != nullptr) {
      EXPECT_EQ(found->epoch, model[key]);
    }
  }
}

TEST(HeldJobs, AClaimCountsFromItsCommitOn) {
  HeldJobs held;
  held.claimed({.key = 1, .epoch = 1, .server = 2, .token = 3});
  EXPECT_EQ(held.find(1), nullptr);
  held.committed();
  ASSERT_NE(held.find(1), nullptr);
}

TEST(HeldJobs, WhatATransactionDidIsForgottenWhenItIsRolledBack) {
  HeldJobs held;
  held.claimed({.key = 1, .epoch = 1, .server = 2, .token = 3});
  held.committed();
  held.ended(1);
  held.claimed({.key = 4, .epoch = 1, .server = 2, .token = 4});
  held.rolled_back();
  held.committed();
  ASSERT_NE(held.find(1), nullptr);
  EXPECT_FALSE(held.find(1)->ended);
  EXPECT_EQ(held.find(4), nullptr);
}

TEST(HeldJobs, AServerThatIsGoneHoldsNothing) {
  HeldJobs held;
  held.claimed({.key = 1, .epoch = 1, .server = 2, .token = 3});
  held.claimed({.key = 2, .epoch = 1, .server = 3, .token = 3});
  held.committed();
  held.forget_server(2);
  EXPECT_EQ(held.find(1), nullptr);
  EXPECT_NE(held.find(2), nullptr);
}

}  // namespace
}  // namespace portfire::sqlite
