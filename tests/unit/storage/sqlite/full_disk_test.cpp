// A file that may not grow: what does not fit fails whole, and later works.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <portfire/error.hpp>
#include <portfire/sqlite.hpp>
#include <portfire/testing/builders.hpp>

#include "storage/sqlite/coordination.hpp"
#include "storage/sqlite/job_store.hpp"
#include "storage/sqlite/monitoring.hpp"
#include "support/temporary_directory.hpp"
#include "unit/storage/sqlite/inspection.hpp"

namespace portfire::sqlite {
namespace {

class FullDisk : public ::testing::Test {
 protected:
  std::filesystem::path file() { return directory_.path() / "jobs.db"; }

  // The engine reports the same as when the disk is full.
  void limit_pages(std::int64_t pages) {
    writer().run("test", [&](Session& session) {
      session.database.execute("PRAGMA max_page_count = " + std::to_string(pages));
    });
  }
  std::int64_t pages() {
    std::int64_t count = 0;
    writer().run("test",
                 [&](Session& session) { count = session.database.number("PRAGMA page_count"); });
    return count;
  }
  Writer& writer() { return writer_; }

  Unit unit_of(std::size_t jobs) {
    testing::UnitBuilder unit{ids_.next<UnitId>()};
    for (std::size_t i = 0; i < jobs; ++i) {
      unit.create(testing::JobBuilder{ids_.next<JobId>(), "work"}.arguments(
          "[\"" + std::string(900, 'x') + "\"]"));
    }
    return unit;
  }

 private:
  TemporaryDirectory directory_;
  const bool migrated_ = (migrate(file()), true);
  WakeupHub hub_{thread_runtime()};
  SideLock lock_{file()};
  Writer writer_{file(), Options{.durability = Durability::normal}, thread_runtime(), lock_, hub_};

 protected:
  ReaderPool readers_{file()};
  SqliteJobStore jobs_{writer_, readers_};
  SqliteMonitoring monitoring_{writer_, readers_};
  testing::TestIds ids_;
};

TEST_F(FullDisk, FailsTheCommitAndWritesNothingOfIt) {
  limit_pages(pages() + 5);
  const Unit unit = unit_of(200);
  try {
    jobs_.commit({&unit, 1});
    FAIL() << "nothing was thrown";
  } catch (const StorageError& error) {
    EXPECT_TRUE(error.retryable());
    EXPECT_FALSE(error.connection_lost());
    EXPECT_EQ(error.operation(), "commit");
    EXPECT_EQ(error.native_code(), SQLITE_FULL);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("no room left"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr(file().string()));
  }
  EXPECT_TRUE(monitoring_.statistics().live.empty());
  EXPECT_TRUE(monitoring_.statistics().lifetime.empty());
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

TEST_F(FullDisk, TheSameUnitWorksOnceThereIsRoom) {
  const std::int64_t before = pages();
  limit_pages(before + 5);
  const Unit unit = unit_of(200);
  EXPECT_THROW(jobs_.commit({&unit, 1}), StorageError);
  limit_pages(before + 1000);
  EXPECT_EQ(jobs_.commit({&unit, 1}).front().status, CommitStatus::applied);
  EXPECT_EQ(monitoring_.statistics().lifetime.at("Created"), 200U);
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

TEST_F(FullDisk, WhatIsHeldStaysHeldAndCanBeFinished) {
  ServerInfo server{.id = ids_.next<ServerId>(), .name = "test", .job_names = {"work"}};
  SqliteCoordination{writer(), readers_}.announce(server);
  const Unit some = unit_of(20);
  ASSERT_EQ(jobs_.commit({&some, 1}).front().status, CommitStatus::applied);
  const auto executions =
      jobs_.claim({.server = server.id, .token = 1, .queues = {"default"}, .max = 20}).executions;
  ASSERT_EQ(executions.size(), 20U);

  limit_pages(pages() + 2);
  // Ends with results for which there is no room, all in one transaction.
  std::vector<Unit> ends;
  for (const Execution& execution : executions) {
    ends.push_back(testing::UnitBuilder{ids_.next<UnitId>()}.move(
        testing::ending(execution).result("\"" + std::string(3000, 'y') + "\"")));
  }
  EXPECT_THROW(jobs_.commit(ends), StorageError);
  EXPECT_EQ(jobs_.held(server.id).size(), 20U);

  limit_pages(pages() + 1000);
  for (const CommitResult& result : jobs_.commit(ends)) {
    EXPECT_EQ(result.status, CommitStatus::applied);
  }
  EXPECT_TRUE(jobs_.held(server.id).empty());
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

}  // namespace
}  // namespace portfire::sqlite
