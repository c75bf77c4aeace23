#include <portfire/testing/faulty_storage.hpp>

#include <gtest/gtest.h>

#include <portfire/error.hpp>
#include <portfire/memory.hpp>
#include <portfire/testing/builders.hpp>

namespace portfire::testing {
namespace {

class FaultyStorageTest : public ::testing::Test {
 protected:
  Unit creation() {
    return UnitBuilder{ids_.next<UnitId>()}.create(JobBuilder{ids_.next<JobId>(), "work"});
  }
  CommitStatus commit(const Unit& unit) { return faulty_.jobs().commit({&unit, 1}).at(0).status; }
  bool exists(const Unit& unit) {
    return target_->monitoring().job(unit.jobs.at(0).id).has_value();
  }

  TestIds ids_;
  const std::shared_ptr<Storage> target_ = memory::open();
  FaultyStorage faulty_{target_};
};

TEST_F(FaultyStorageTest, WithoutAnOrderNothingFails) {
  const Unit unit = creation();
  EXPECT_EQ(commit(unit), CommitStatus::applied);
  EXPECT_TRUE(exists(unit));
  EXPECT_EQ(faulty_.failures(), 0U);
}

TEST_F(FaultyStorageTest, BeforeItsEffectAVerbDoesNothing) {
  const Unit unit = creation();
  faulty_.fail_nth(1, FaultMoment::before_effect);
  try {
    commit(unit);
    FAIL() << "the verb should have failed";
  } catch (const StorageError& error) {
    EXPECT_EQ(error.operation(), "commit");
    EXPECT_TRUE(error.retryable());
    EXPECT_FALSE(error.connection_lost());
  }
  EXPECT_FALSE(exists(unit));
  EXPECT_EQ(commit(unit), CommitStatus::applied);
}

TEST_F(FaultyStorageTest, AfterItsEffectAVerbHasDoneAll) {
  const Unit unit = creation();
  faulty_.fail_nth(1, FaultMoment::after_effect);
  try {
    commit(unit);
    FAIL() << "the verb should have failed";
  } catch (const StorageError& error) {
    EXPECT_TRUE(error.retryable());
    EXPECT_TRUE(error.connection_lost());
  }
  EXPECT_TRUE(exists(unit));
  EXPECT_EQ(commit(unit), CommitStatus::already_applied);
}

TEST_F(FaultyStorageTest, OnlyTheNthVerbFails) {
  faulty_.fail_nth(3, FaultMoment::before_effect);
  EXPECT_NO_THROW(faulty_.monitoring().now());
  EXPECT_NO_THROW(faulty_.coordination().queue_settings());
  EXPECT_THROW(faulty_.jobs().promote({}), StorageError);
  EXPECT_NO_THROW(faulty_.jobs().promote({}));
  EXPECT_EQ(faulty_.failures(), 1U);
  EXPECT_EQ(faulty_.verbs(), 4U);
}

TEST_F(FaultyStorageTest, EveryNthVerbFailsUntilNoneShall) {
  faulty_.fail_every(2, FaultMoment::after_effect);
  for (int round = 0; round < 3; ++round) {
    EXPECT_NO_THROW(faulty_.jobs().expire(1));
    EXPECT_THROW(faulty_.jobs().expire(1), StorageError);
  }
  faulty_.fail_none();
  for (int round = 0; round < 4; ++round) EXPECT_NO_THROW(faulty_.jobs().expire(1));
  EXPECT_EQ(faulty_.failures(), 3U);
}

TEST_F(FaultyStorageTest, InAnOutageEveryVerbFails) {
  const Unit unit = creation();
  faulty_.go_down();
  EXPECT_THROW(commit(unit), StorageError);
  EXPECT_THROW(faulty_.monitoring().now(), StorageError);
  EXPECT_THROW(faulty_.coordination().heartbeat({}), StorageError);
  EXPECT_FALSE(exists(unit));
  faulty_.come_up();
  EXPECT_EQ(commit(unit), CommitStatus::applied);
  EXPECT_EQ(faulty_.failures(), 0U);
}

TEST_F(FaultyStorageTest, WhatDoesNotFailIsTheTargets) {
  EXPECT_EQ(faulty_.description(), target_->description());
  EXPECT_EQ(faulty_.runtime(), target_->runtime());
  EXPECT_EQ(&faulty_.wakeup(), &target_->wakeup());
  EXPECT_EQ(faulty_.capabilities().durable, target_->capabilities().durable);
}

}  // namespace
}  // namespace portfire::testing
