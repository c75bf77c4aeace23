// Upkeep does a bounded amount of work in each call, however much there is.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <portfire/testing/builders.hpp>

#include "unit/storage/postgresql/installation.hpp"

namespace portfire::postgresql {
namespace {

using namespace std::chrono_literals;
using testing::ending;
using testing::JobBuilder;
using testing::UnitBuilder;

class UpkeepTest : public ::testing::Test {
 protected:
  UpkeepTest() { storage_->coordination().announce(server_); }

  // Finished jobs that are kept for an hour, each with so many lines in its log.
  void finish_jobs(std::size_t count, std::size_t lines) {
    std::vector<Unit> units;
    for (std::size_t i = 0; i < count; ++i) {
      units.push_back(
          UnitBuilder{ids_.next<UnitId>()}.create(JobBuilder{ids_.next<JobId>(), "work"}));
    }
    commit(units);
    State brief = states::succeeded();
    brief.retention = 1h;
    const ClaimRequest request{server_.id, ++token_, {"default"}, count};
    std::vector<Report> reports;
    units.clear();
    for (const Execution& execution : storage_->jobs().claim(request).executions) {
      Report report{.execution = execution.ref};
      for (std::size_t line = 1; line <= lines; ++line) {
        report.lines.push_back({.text = "line", .number = line});
      }
      reports.push_back(std::move(report));
      units.push_back(UnitBuilder{ids_.next<UnitId>()}.move(ending(execution, brief)));
    }
    storage_->jobs().report(reports);
    commit(units);
  }

  std::size_t count(const std::string& what) {
    return std::stoul(installation_.execute("SELECT count(*) FROM :schema." + what));
  }

  // Expires until nothing is left to be done; the most lines that went in one call.
  std::size_t most_lines_in_one_call() {
    std::size_t most = 0;
    bool more = true;
    // In the last hour of a day, the jobs are of the next one: its turn comes after this one's.
    constexpr int days = 2;
    int quiet = 0;
    for (int calls = 0; quiet < days && calls < 1000; ++calls) {
      const std::size_t before = count("log");
      more = storage_->jobs().expire(10'000).more;
      quiet = more ? 0 : quiet + 1;
      most = std::max(most, before - count("log"));
    }
    EXPECT_FALSE(more) << "it does not come to an end";
    return most;
  }

  testing::TestIds ids_;
  Installation installation_;
  const std::shared_ptr<TimeOffset> offset_ = std::make_shared<TimeOffset>();
  const std::shared_ptr<Storage> storage_ = installation_.open({.time_offset = offset_});
  const ServerInfo server_{.id = ids_.next<ServerId>(), .name = "server", .job_names = {"work"}};

 private:
  void commit(const std::vector<Unit>& units) {
    for (const CommitResult& result : storage_->jobs().commit(units)) ASSERT_TRUE(result.done());
  }

  std::uint64_t token_ = 0;
};

TEST_F(UpkeepTest, WhatBelongsToADayOfJobsGoesPieceByPiece) {
  finish_jobs(2100, 2);
  ASSERT_EQ(count("log"), 4200U);
  offset_->advance(72h);
  const std::size_t most = most_lines_in_one_call();
  EXPECT_GT(most, 0U);
  EXPECT_LE(most, 2000U);
  EXPECT_EQ(count("log"), 0U);
  // The tables go at the looks that follow, one at each.
  for (int look = 0; look < 5; ++look) {
    offset_->advance(2min);
    storage_->jobs().expire(10);
  }
  EXPECT_EQ(count("finished_partition WHERE is_clear"), 0U);
  EXPECT_EQ(count("finished"), 0U);
}

TEST_F(UpkeepTest, ServersThatAreLongGoneAreForgotten) {
  const std::string gone = "server WHERE NOT present";
  storage_->coordination().remove(server_.id);
  storage_->jobs().expire(10);
  EXPECT_EQ(count(gone), 1U) << "history may speak of it";
  offset_->advance(24h * 366);
  storage_->coordination().announce({.id = ids_.next<ServerId>(), .name = "present"});
  storage_->jobs().expire(10);
  EXPECT_EQ(count("server"), 1U);
  EXPECT_EQ(count(gone), 0U);
}

TEST_F(UpkeepTest, ALongLogGoesPieceByPiece) {
  finish_jobs(1, 50'000);
  offset_->advance(72h);
  const std::size_t most = most_lines_in_one_call();
  EXPECT_GT(most, 0U);
  EXPECT_LE(most, 20'000U);
  EXPECT_EQ(count("log"), 0U);
}

}  // namespace
}  // namespace portfire::postgresql
