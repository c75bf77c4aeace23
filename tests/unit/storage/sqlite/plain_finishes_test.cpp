// Many runs that end in one commit: by one walk where their keys lie close, one by one elsewhere.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <portfire/sqlite.hpp>
#include <portfire/testing/builders.hpp>

#include "support/temporary_directory.hpp"
#include "unit/storage/sqlite/inspection.hpp"

namespace portfire::sqlite {
namespace {

using testing::JobBuilder;
using testing::TransitionBuilder;
using testing::UnitBuilder;

class PlainFinishesTest : public ::testing::Test {
 protected:
  PlainFinishesTest() {
    storage_->coordination().announce({.id = server_, .name = "test", .job_names = {"work"}});
  }

  std::filesystem::path file() { return directory_.path() / "jobs.db"; }

  void create(std::size_t count, const std::string& queue) {
    UnitBuilder unit{ids_.next<UnitId>()};
    for (std::size_t i = 0; i < count; ++i) {
      unit.create(JobBuilder{ids_.next<JobId>(), "work"}.queue(queue));
    }
    const Unit one = unit;
    ASSERT_EQ(storage_->jobs().commit({&one, 1}).front().status, CommitStatus::applied);
  }
  std::vector<Execution> claim(std::size_t max, const std::string& queue = "default") {
    return storage_->jobs()
        .claim({.server = server_, .token = ++token_, .queues = {queue}, .max = max})
        .executions;
  }
  // Numbered, so that a value given to the wrong job is seen.
  Unit numbered_end(const Execution& execution, int number) {
    return UnitBuilder{ids_.next<UnitId>()}.move(
        testing::ending(execution)
            .result(std::to_string(number))
            .took(Duration{number}, Duration{number * 10}));
  }
  void expect_numbered_end(JobId id, int number) {
    const auto details = storage_->monitoring().job(id);
    ASSERT_TRUE(details.has_value());
    EXPECT_EQ(details->state, "Succeeded");
    EXPECT_EQ(details->result, std::to_string(number));
    EXPECT_EQ(details->duration, Duration{number * 10});
    ASSERT_EQ(details->history.size(), 3U);
    EXPECT_EQ(details->started_at, details->history[1].at + Duration{number});
  }

  TemporaryDirectory directory_;
  testing::TestIds ids_{1};
  const ServerId server_ = ids_.next<ServerId>();
  std::uint64_t token_ = 0;
  std::shared_ptr<Storage> storage_ = open(file(), {.durability = Durability::normal});
};

TEST_F(PlainFinishesTest, EachJobGetsItsOwnValues) {
  create(50, "default");
  const auto executions = claim(50);
  std::vector<Unit> ends;
  // Not in the order of their keys, as workers finish.
  for (int i = 49; i >= 0; --i)
    ends.push_back(numbered_end(executions[static_cast<std::size_t>(i)], i));
  for (const CommitResult& result : storage_->jobs().commit(ends)) {
    EXPECT_EQ(result.status, CommitStatus::applied);
  }
  for (int i = 0; i < 50; ++i) {
    expect_numbered_end(executions[static_cast<std::size_t>(i)].ref.job, i);
  }
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

TEST_F(PlainFinishesTest, JobsFarApartEndOneByOne) {
  create(5, "default");
  create(500, "other");
  create(5, "default");
  const auto executions = claim(10);
  ASSERT_EQ(executions.size(), 10U);
  std::vector<Unit> ends;
  for (int i = 0; i < 10; ++i) {
    ends.push_back(numbered_end(executions[static_cast<std::size_t>(i)], i));
  }
  for (const CommitResult& result : storage_->jobs().commit(ends)) {
    EXPECT_EQ(result.status, CommitStatus::applied);
  }
  for (int i = 0; i < 10; ++i) {
    expect_numbered_end(executions[static_cast<std::size_t>(i)].ref.job, i);
  }
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

TEST_F(PlainFinishesTest, JobsInBetweenAreLeftAlone) {
  create(30, "default");
  const auto executions = claim(30);
  std::vector<Unit> ends;
  for (std::size_t i = 0; i < executions.size(); i += 3) {
    ends.push_back(numbered_end(executions[i], static_cast<int>(i)));
  }
  storage_->jobs().commit(ends);
  EXPECT_EQ(storage_->jobs().held(server_).size(), 20U);
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

TEST_F(PlainFinishesTest, OneThatWasTakenAwayIsRefusedAmongTheOthers) {
  create(20, "default");
  const auto executions = claim(20);
  const Unit deletion = UnitBuilder{ids_.next<UnitId>()}.move(
      TransitionBuilder{executions[7].ref.job, states::deleted()});
  ASSERT_EQ(storage_->jobs().commit({&deletion, 1}).front().status, CommitStatus::applied);

  std::vector<Unit> ends;
  for (const Execution& execution : executions) ends.push_back(numbered_end(execution, 1));
  const auto results = storage_->jobs().commit(ends);
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].status, i == 7 ? CommitStatus::conflict : CommitStatus::applied) << i;
  }
  EXPECT_EQ(results[7].conflict, Conflict::epoch);
  EXPECT_EQ(storage_->monitoring().job(executions[7].ref.job)->state, "Deleted");
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

TEST_F(PlainFinishesTest, AnotherOpeningsChangeIsNoticedAmongTheOthers) {
  create(20, "default");
  const auto executions = claim(20);
  // Behind the back of what this storage remembers of its claim.
  const Unit child = UnitBuilder{ids_.next<UnitId>()}.create(
      JobBuilder{ids_.next<JobId>(), "work"}.after(executions[3].ref.job));
  ASSERT_EQ(open(file())->jobs().commit({&child, 1}).front().status, CommitStatus::applied);

  std::vector<Unit> ends;
  for (const Execution& execution : executions) ends.push_back(numbered_end(execution, 1));
  for (const CommitResult& result : storage_->jobs().commit(ends)) {
    EXPECT_EQ(result.status, CommitStatus::applied);
  }
  EXPECT_EQ(storage_->monitoring().job(child.jobs[0].id)->state, "Enqueued");
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

TEST_F(PlainFinishesTest, TheSameEndTwiceInOneCommitCountsOnce) {
  create(10, "default");
  const auto executions = claim(10);
  std::vector<Unit> ends;
  for (const Execution& execution : executions) ends.push_back(numbered_end(execution, 1));
  ends.push_back(numbered_end(executions[4], 2));
  const auto results = storage_->jobs().commit(ends);
  EXPECT_EQ(results.front().status, CommitStatus::applied);
  EXPECT_EQ(results.back().status, CommitStatus::already_applied);
  expect_numbered_end(executions[4].ref.job, 1);
  EXPECT_EQ(storage_->monitoring().statistics().lifetime.at("Succeeded"), 10U);
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

TEST_F(PlainFinishesTest, AUnitBehindThemSeesThem) {
  create(10, "default");
  const auto executions = claim(10);
  std::vector<Unit> units;
  for (const Execution& execution : executions) units.push_back(numbered_end(execution, 1));
  units.push_back(UnitBuilder{ids_.next<UnitId>()}.move(
      TransitionBuilder{executions[9].ref.job, states::enqueued()}.expecting("Succeeded")));
  EXPECT_EQ(storage_->jobs().commit(units).back().status, CommitStatus::applied);
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

}  // namespace
}  // namespace portfire::sqlite
