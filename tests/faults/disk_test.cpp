// Databases whose disk is full.

#include "faults/faults.hpp"

namespace portfire::faults {
namespace {

using ::testing::HasSubstr;
using testing::JobBuilder;
using testing::UnitBuilder;

class FullDisk : public ::testing::Test {
 protected:
  // One server for all: what goes wrong is mended by each.
  static PrivatePostgres& server() {
    static PrivatePostgres one{{.full_disk = PORTFIRE_FULL_DISK_LIBRARY}};
    return one;
  }
  void TearDown() override { server().empty_disk(); }

  std::vector<Unit> creations(std::size_t count) {
    std::vector<Unit> units;
    for (std::size_t i = 0; i < count; ++i) {
      units.push_back(
          UnitBuilder{ids_.next<UnitId>()}.create(JobBuilder{ids_.next<JobId>(), "other"}));
    }
    return units;
  }

  const Installation installation_{server(), server().url("postgres")};
  const std::shared_ptr<Storage> storage_ = installation_.open();
  testing::TestIds ids_;
};

TEST_F(FullDisk, WhatFindsNoRoomIsNotDoneAtAllAndSaysSo) {
  constexpr std::size_t many = 1500;
  // So that the log of changes has room: it is another test that fills that.
  installation_.execute("SELECT pg_switch_wal()");
  storage_->jobs().commit(creations(1));
  const std::vector<Unit> units = creations(many);
  server().fill_disk();
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      storage_->jobs().commit(units);
      ADD_FAILURE() << "there was room";
    } catch (const StorageError& error) {
      EXPECT_THAT(error.what(), HasSubstr("the server's disk is full; free some space"));
      EXPECT_TRUE(error.retryable());
      EXPECT_FALSE(error.connection_lost());
    }
    EXPECT_EQ(installation_.count("job"), "1");
    EXPECT_EQ(installation_.count("ready"), "1");
  }
  server().empty_disk();
  for (const CommitResult& result : storage_->jobs().commit(units)) {
    EXPECT_EQ(result.status, CommitStatus::applied);
  }
  EXPECT_EQ(installation_.count("job"), std::to_string(many + 1));
}

TEST_F(FullDisk, AServerGoesOnWhenThereIsRoomAgain) {
  Drain drain{installation_.open(), storage_, 400};
  drain.hold_from(20);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  server().fill_disk();
  drain.release();
  ASSERT_TRUE(drain.wait_for_trouble());
  server().empty_disk();
  drain.expect_each_done_once();
}

// Then the database ends, and comes back only when there is room.
TEST_F(FullDisk, AServerOutlivesADatabaseThatCannotWriteItsLog) {
  constexpr std::size_t before = 20;
  Drain drain{installation_.open(), storage_, 80};
  drain.hold_from(before);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  server().fill_disk();
  const auto use_up_the_log = [&] {
    while (true) {
      installation_.execute("SELECT pg_switch_wal()");
      installation_.execute("SELECT pg_logical_emit_message(true, 'test', 'some bytes')");
    }
  };
  EXPECT_THROW(use_up_the_log(), std::runtime_error);
  drain.release();
  ASSERT_TRUE(drain.wait_for_ends(before + Drain::workers));
  server().empty_disk();
  server().start();
  drain.expect_each_done_once();
}

}  // namespace
}  // namespace portfire::faults
