// Commits of many callers, and what disturbs them.

#include "storage/postgresql/committer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <portfire/testing/builders.hpp>

#include "unit/storage/postgresql/blocker.hpp"
#include "unit/storage/postgresql/installation.hpp"

namespace portfire::postgresql {
namespace {

using testing::ending;
using testing::JobBuilder;
using testing::moving;
using testing::UnitBuilder;

class PostgresqlCommitter : public ::testing::Test {
 protected:
  void SetUp() override {
    storage_ = installation_.open();
    storage_->coordination().announce({.id = server_, .name = "test", .job_names = {"work"}});
  }

  JobStore& jobs() { return storage_->jobs(); }
  JobBuilder job() { return {ids_.next<JobId>(), "work"}; }
  UnitBuilder unit() { return UnitBuilder{ids_.next<UnitId>()}; }
  std::vector<Unit> creations(std::size_t count) {
    std::vector<Unit> units;
    for (std::size_t i = 0; i < count; ++i) units.push_back(unit().create(job()));
    return units;
  }
  std::vector<Execution> claim(std::size_t max) {
    return jobs().claim({server_, ++token_, {"default"}, max}).executions;
  }
  std::string count(const std::string& table) {
    return installation_.execute("SELECT count(*) FROM :schema." + table);
  }

  Installation installation_;
  testing::TestIds ids_;
  const ServerId server_ = ids_.next<ServerId>();
  std::uint64_t token_ = 0;
  std::shared_ptr<Storage> storage_;
};

void expect_all_done(const std::vector<CommitResult>& results, std::size_t count) {
  ASSERT_EQ(results.size(), count);
  for (const CommitResult& result : results) EXPECT_EQ(result.status, CommitStatus::applied);
}

TEST_F(PostgresqlCommitter, ACallOfManyUnitsIsDoneWhole) {
  constexpr std::size_t many = 5000;
  expect_all_done(jobs().commit(creations(many)), many);
  EXPECT_EQ(count("job"), std::to_string(many));
}

TEST_F(PostgresqlCommitter, PlainAndOtherUnitsInOneCallKeepTheirOrder) {
  expect_all_done(jobs().commit(creations(3)), 3);
  const auto executions = claim(3);
  ASSERT_EQ(executions.size(), 3U);
  const JobBuilder parent = job();
  const JobBuilder child = job().after(executions[0].ref.job);
  // Each needs what the one before has done.
  const std::vector<Unit> units{
      unit().create(parent),
      unit().move(moving(parent.id(), states::deleted()).expecting("Enqueued")),
      unit().move(ending(executions[0])),
      unit().create(child),
      unit().move(ending(executions[1])),
      unit().create(job()),
      unit().move(ending(executions[2], states::failed("broken"))),
      unit().move(moving(child.id(), states::deleted()).expecting("Enqueued"))};
  expect_all_done(jobs().commit(units), units.size());
}

TEST_F(PostgresqlCommitter, CallsThatMeetShareATransaction) {
  constexpr std::size_t callers = 6;
  const Settings settings{Installation::url(), installation_.options()};
  Pool pool{settings, 1};
  Claims claims;
  Committer committer{pool, claims};
  const auto transactions = [&] {
    return installation_.execute("SELECT count(DISTINCT xmin::text) FROM :schema.job");
  };
  std::vector<std::vector<Unit>> calls;
  for (std::size_t i = 0; i <= callers; ++i) calls.push_back(creations(2));
  std::vector<std::thread> threads;
  {
    // The only connection is taken: the first call leads and waits for it, the others gather.
    const std::unique_ptr<Lease> lease{new Lease{pool.borrow("test")}};
    threads.emplace_back([&] { expect_all_done(committer.commit(calls[0]), 2); });
    while (pool.waiting() == 0) std::this_thread::yield();
    for (std::size_t i = 1; i <= callers; ++i) {
      threads.emplace_back([&, i] { expect_all_done(committer.commit(calls[i]), 2); });
    }
    while (committer.waiting() < callers) std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count("job"), std::to_string(2 * (callers + 1)));
  EXPECT_EQ(transactions(), "2");
}

TEST_F(PostgresqlCommitter, AnEndThatSomebodyBlocksIsBusyAndTheOthersGoAhead) {
  jobs().commit(creations(3));
  const auto executions = claim(3);
  ASSERT_EQ(executions.size(), 3U);
  std::vector<Unit> ends;
  for (const Execution& execution : executions) ends.push_back(unit().move(ending(execution)));
  {
    const Blocker blocker{"SELECT FROM " + installation_.schema() + ".job WHERE id = '" +
                          to_string(executions[1].ref.job) + "' FOR UPDATE"};
    const auto results = jobs().commit(ends);
    EXPECT_EQ(results[0].status, CommitStatus::applied);
    EXPECT_EQ(results[1].status, CommitStatus::busy);
    EXPECT_EQ(results[2].status, CommitStatus::applied);
  }
  const auto results = jobs().commit(ends);
  EXPECT_EQ(results[0].status, CommitStatus::already_applied);
  EXPECT_EQ(results[1].status, CommitStatus::applied);
}

TEST_F(PostgresqlCommitter, WhatSomebodyBlocksIsGivenBackLaterAndTheOthersAtOnce) {
  jobs().commit(creations(3));
  std::vector<Released> released;
  for (const Execution& execution : claim(3)) {
    released.push_back({execution.ref, ReleaseReason::unstarted});
  }
  {
    const Blocker blocker{"SELECT FROM " + installation_.schema() + ".job WHERE id = '" +
                          to_string(released[1].execution.job) + "' FOR UPDATE"};
    const ReleaseResult result = jobs().release(released);
    EXPECT_EQ(result.released, 2U);
    ASSERT_EQ(result.busy.size(), 1U);
    EXPECT_EQ(result.busy[0].execution, released[1].execution);
    // Nor does a server wait that leaves; those who reclaim will have what is left.
    storage_->coordination().remove(server_);
    EXPECT_EQ(jobs().held(server_).size(), 1U);
  }
  EXPECT_EQ(jobs().release(released).released, 1U);
  storage_->coordination().remove(server_);
  EXPECT_EQ(count("ready"), "3");
}

TEST_F(PostgresqlCommitter, ANewUnitIsRecognisedWhenItIsSentAgain) {
  std::vector<Unit> units = creations(1);
  units[0].is_new = true;
  expect_all_done(jobs().commit(units), 1);
  units[0].is_new = false;
  EXPECT_EQ(jobs().commit(units)[0].status, CommitStatus::already_applied);
  const Unit end = unit().move(ending(claim(1).at(0)));
  expect_all_done(jobs().commit({&end, 1}), 1);
  EXPECT_EQ(jobs().commit(units)[0].status, CommitStatus::already_applied);
  EXPECT_EQ(count("job"), "0");
  EXPECT_EQ(count("ready"), "0");
}

TEST_F(PostgresqlCommitter, TimedJobsAreCreatedTogetherToo) {
  const TimePoint due = std::chrono::sys_days{std::chrono::year{2100} / 1 / 1};
  UnitBuilder mixed = unit();
  mixed.create(job()).create(job().scheduled(std::chrono::hours{1}));
  NewJob fixed = job().scheduled(std::chrono::hours{1});
  fixed.state.due_at = due;
  mixed.create(fixed);
  const Unit unit = mixed;
  expect_all_done(jobs().commit({&unit, 1}), 1);
  EXPECT_EQ(count("ready"), "1");
  EXPECT_EQ(count("change"), "2");
  EXPECT_EQ(storage_->monitoring().job(fixed.id)->due_at, due);
  const JobDetails later = storage_->monitoring().job(unit.jobs[1].id).value();
  EXPECT_EQ(later.state, "Scheduled");
  EXPECT_EQ(later.due_at.value() - later.created_at, std::chrono::hours{1});
}

TEST_F(PostgresqlCommitter, OfManyPlainJobsThoseOfUnitsSentBeforeAreLeftOut) {
  std::vector<Unit> units;
  for (int i = 0; i < 5; ++i) {
    UnitBuilder several = unit();
    for (int j = 0; j < 3; ++j) several.create(job());
    units.push_back(several);
  }
  jobs().commit({&units[1], 2});
  const auto results = jobs().commit(units);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const bool was_there = i == 1 || i == 2;
    EXPECT_EQ(results[i].status, was_there ? CommitStatus::already_applied : CommitStatus::applied);
  }
  EXPECT_EQ(count("job"), "15");
  EXPECT_EQ(count("ready"), "15");
  EXPECT_EQ(storage_->monitoring().statistics().lifetime.at("Created"), 15U);
}

TEST_F(PostgresqlCommitter, AnEndWhoseContinuationSomebodyBlocksIsBusyAndTheOthersGoAhead) {
  jobs().commit(creations(3));
  const auto executions = claim(3);
  ASSERT_EQ(executions.size(), 3U);
  const JobBuilder child = job().after(executions[1].ref.job);
  const std::vector<Unit> creation{unit().create(child)};
  expect_all_done(jobs().commit(creation), 1);
  std::vector<Unit> ends;
  for (const Execution& execution : executions) ends.push_back(unit().move(ending(execution)));
  {
    const Blocker blocker{"SELECT FROM " + installation_.schema() + ".job WHERE id = '" +
                          to_string(child.id()) + "' FOR UPDATE"};
    const auto results = jobs().commit(ends);
    EXPECT_EQ(results[0].status, CommitStatus::applied);
    EXPECT_EQ(results[1].status, CommitStatus::busy);
    EXPECT_EQ(results[2].status, CommitStatus::applied);
  }
  EXPECT_EQ(jobs().commit(ends)[1].status, CommitStatus::applied);
  EXPECT_EQ(claim(1).size(), 1U);  // the continuation
}

TEST_F(PostgresqlCommitter, RowsOfClaimsGoWithTheirLastJob) {
  jobs().commit(creations(4));
  std::vector<Unit> ends;
  for (const Execution& execution : claim(3)) ends.push_back(unit().move(ending(execution)));
  expect_all_done(jobs().commit(ends), 3);
  EXPECT_EQ(count("claim"), "1");
  const auto last = claim(1);
  ASSERT_EQ(last.size(), 1U);
  const std::vector<Unit> end{unit().move(ending(last[0]))};
  expect_all_done(jobs().commit(end), 1);
  EXPECT_EQ(count("claim"), "1");  // the latest
}

TEST_F(PostgresqlCommitter, WhatIsCutOffAgainAndAgainIsStillDoneOnce) {
  constexpr std::size_t callers = 4;
  constexpr std::size_t rounds = 30;
  std::atomic<std::size_t> created{0};
  std::vector<std::vector<Unit>> calls;
  for (std::size_t i = 0; i < callers * rounds; ++i) calls.push_back(creations(2));
  std::vector<std::thread> threads;
  for (std::size_t caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&, caller] {
      for (std::size_t i = 0; i < rounds; ++i) {
        const auto& units = calls[caller * rounds + i];
        while (true) {
          try {
            for (const CommitResult& result : jobs().commit(units)) created += result.done();
            break;
          } catch (const StorageError& error) {
            EXPECT_TRUE(error.retryable()) << error.what();
          }
        }
      }
    });
  }
  // Each time that some more have been done.
  for (std::size_t next = 0; next < callers * rounds * 2; next += 16) {
    while (created < next) std::this_thread::yield();
    installation_.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(created, callers * rounds * 2);
  EXPECT_EQ(count("job"), std::to_string(callers * rounds * 2));
}

class PostgresqlLimits : public PostgresqlCommitter {
 protected:
  // Reclaims a server whose row is locked, until that is over.
  std::thread reclaim_in_vain(Storage& storage, std::optional<StorageError>& failure) {
    std::thread thread{[&] {
      try {
        storage.jobs().reclaim({.servers = {server_}});
      } catch (const StorageError& error) {
        failure = error;
      }
      over_ = true;
    }};
    const auto is_blocked = [&] {
      return installation_.execute(
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                 " AND wait_event_type = 'Lock'") != "0";
    };
    while (!over_ && !is_blocked()) std::this_thread::yield();
    return thread;
  }

  const std::string lock_server_ = "SELECT FROM " + installation_.schema() +
                                   ".server WHERE id = '" + to_string(server_) + "' FOR UPDATE";
  std::optional<StorageError> failure_;
  std::atomic<bool> over_{false};
};

TEST_F(PostgresqlLimits, UpkeepIsStoppedWhenItTakesTooLong) {
  const auto storage = installation_.open({.maintenance_timeout = std::chrono::seconds{1}});
  const Blocker blocker{lock_server_};
  reclaim_in_vain(*storage, failure_).join();
  ASSERT_TRUE(failure_);
  EXPECT_THAT(failure_->what(), ::testing::HasSubstr("longer than its timeout"));
  EXPECT_TRUE(failure_->retryable());
  // The limit was that statement's alone.
  expect_all_done(storage->jobs().commit(creations(1)), 1);
}

TEST_F(PostgresqlLimits, HeartbeatsDoNotWaitForWork) {
  const auto storage = installation_.open({.max_connections = 1});
  const ServerId other = ids_.next<ServerId>();
  storage->coordination().announce({.id = other, .name = "other"});
  std::thread work;
  {
    const Blocker blocker{lock_server_};
    work = reclaim_in_vain(*storage, failure_);
    EXPECT_TRUE(storage->coordination().heartbeat(other).known);
  }
  work.join();
  EXPECT_FALSE(failure_);
}

TEST_F(PostgresqlCommitter, SerialisationFailuresAreRepeatedInSilence) {
  constexpr std::size_t callers = 4;
  constexpr std::size_t jobs_each = 25;
  std::vector<std::vector<Unit>> calls;
  for (std::size_t i = 0; i < callers; ++i) calls.push_back(creations(jobs_each));
  std::atomic<std::size_t> finished{0};
  std::vector<std::thread> threads;
  for (std::size_t caller = 0; caller < callers; ++caller) {
    threads.emplace_back([&, caller] {
      const auto storage =
          open(Installation::url() + "?options=-cdefault_transaction_isolation%3Dserializable",
               installation_.options());
      const ServerId server{7, caller};
      storage->coordination().announce({.id = server, .name = "test", .job_names = {"work"}});
      storage->jobs().commit(calls[caller]);
      std::uint64_t token = 0;
      while (finished < callers * jobs_each) {
        for (const Execution& one :
             storage->jobs().claim({server, ++token, {"default"}, 3}).executions) {
          const std::vector<Unit> end{Unit{.transitions = {ending(one)}}};
          finished += storage->jobs().commit(end).front().done() ? 1 : 0;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(finished, callers * jobs_each);
  EXPECT_EQ(count("finished"), std::to_string(callers * jobs_each));
}

TEST_F(PostgresqlCommitter, AServerThatStartsAgainIsFoundAgain) {
  expect_all_done(jobs().commit(creations(2)), 2);
  Installation::server().crash();
  try {
    jobs().commit(creations(1));
    ADD_FAILURE() << "there is no server";
  } catch (const StorageError& error) {
    EXPECT_TRUE(error.retryable());
  }
  Installation::server().start();
  expect_all_done(jobs().commit(creations(2)), 2);
  EXPECT_EQ(count("job"), "4");
  EXPECT_EQ(claim(10).size(), 4U);
}

}  // namespace
}  // namespace portfire::postgresql
