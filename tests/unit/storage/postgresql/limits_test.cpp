// Limits as other transactions see them: who waits for whom, and what is left in the end.

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "unit/storage/postgresql/one_server.hpp"

namespace portfire::postgresql {
namespace {

using namespace std::chrono_literals;
using testing::JobBuilder;
using testing::moving;

const StateKinds until_the_end{StateKind::ready, StateKind::timed, StateKind::running,
                               StateKind::parked};

class PostgresqlLines : public OneServer {
 protected:
  // Somebody has the row of a key, or of a job.
  [[nodiscard]] Blocker block(const std::string& key) const {
    return somebody("SELECT FROM limit_key WHERE key = '" + key + "' FOR UPDATE");
  }
  [[nodiscard]] Blocker block(JobId id) const {
    return somebody("SELECT FROM job WHERE id = '" + to_string(id) + "' FOR UPDATE");
  }
};

TEST_F(PostgresqlLines, AUnitWhoseKeySomebodyBlocksIsBusyAndTheOthersGoAhead) {
  create(job().limited("k"));
  const JobId next = create(job().limited("k"));
  create(job());
  const std::vector<Unit> both = ends(2);
  ASSERT_EQ(both.size(), 2U);
  {
    const Blocker blocker = block("k");
    const auto results = jobs().commit(both);
    EXPECT_EQ(results[0].status, CommitStatus::busy);
    EXPECT_EQ(results[1].status, CommitStatus::applied);
    EXPECT_EQ(commit(unit().create(job().limited("k"))).status, CommitStatus::busy);
    create(job().limited("another"));
  }
  EXPECT_EQ(commit(both[0]).status, CommitStatus::applied);
  EXPECT_EQ(state_of(next), "Enqueued");
}

TEST_F(PostgresqlLines, WhoMakesRoomWaitsForWhoeverHasTheFirstInLine) {
  create(job().limited("k"));
  const JobId next = create(job().limited("k"));
  const std::vector<Unit> end = ends(1);
  {
    const Blocker blocker = block(next);
    EXPECT_EQ(commit(end[0]).status, CommitStatus::busy);
  }
  EXPECT_EQ(commit(end[0]).status, CommitStatus::applied);
  EXPECT_EQ(state_of(next), "Enqueued");
}

TEST_F(PostgresqlLines, OneThatSomebodyBlocksHoldsUpNoOtherThatFallsDue) {
  create(job().limited("k"));
  const JobId limited = create(job().limited("k").scheduled(1h));
  const JobId other = create(job().scheduled(2h));
  offset_->advance(3h);
  {
    const Blocker blocker = block("k");
    const PromoteResult result = jobs().promote({});
    EXPECT_EQ(result.promoted, 1U);
    EXPECT_GT(result.next_due_in, Duration::zero());
    EXPECT_EQ(state_of(other), "Enqueued");
  }
  EXPECT_EQ(jobs().promote({}).promoted, 1U);
  EXPECT_EQ(state_of(limited), "Awaiting");
}

TEST_F(PostgresqlLines, OneThatSomebodyBlocksHoldsUpNoOtherThatExpires) {
  State failed = states::failed();
  failed.retention = 1h;
  create(job().limited("k").counts_while(until_the_end));
  std::vector<Unit> end = ends(1);
  end[0].transitions[0].state = failed;
  ASSERT_EQ(commit(end[0]).status, CommitStatus::applied);
  const JobId next = create(job().limited("k"));
  const JobId other = create(job().state(failed));
  offset_->advance(2h);
  {
    const Blocker blocker = block("k");
    EXPECT_EQ(jobs().expire(10).removed, 1U);
  }
  EXPECT_FALSE(storage_->monitoring().job(other));
  EXPECT_EQ(state_of(next), "Awaiting");
  EXPECT_EQ(jobs().expire(10).removed, 1U);
  EXPECT_EQ(state_of(next), "Enqueued");
}

TEST_F(PostgresqlLines, AMemberWhoseKeySomebodyBlocksIsSweptLater) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder member = job().in(batch.id()).limited("k");
  ASSERT_TRUE(commit(unit().create(batch).create(member)).done());
  ASSERT_TRUE(commit(unit().move(moving(batch.id(), states::deleted()))).done());
  {
    const Blocker blocker = block("k");
    const PromoteResult result = jobs().promote({});
    EXPECT_EQ(result.promoted, 0U);
    EXPECT_GT(result.next_due_in, Duration::zero());
  }
  EXPECT_EQ(jobs().promote({}).promoted, 1U);
  EXPECT_EQ(state_of(member.id()), "Deleted");
}

// Who sees an older state of the database does not see who has come to stand in line since.
TEST_F(PostgresqlLines, WhoCannotSeeTheWholeLineMakesNoRoom) {
  const JobId first = create(job().limited("k"));
  const std::string schema = installation_.schema();
  const std::unique_ptr<PGconn, decltype(&PQfinish)> old{PQconnectdb(Installation::url().c_str()),
                                                         &PQfinish};
  PQclear(PQexec(old.get(), "BEGIN ISOLATION LEVEL REPEATABLE READ"));
  PQclear(PQexec(old.get(), ("SELECT FROM " + schema + ".job").c_str()));
  const JobId next = create(job().limited("k"));
  const std::string deletion = "SELECT " + schema + ".delete('" + to_string(first) + "')";
  PGresult* result = PQexec(old.get(), deletion.c_str());
  EXPECT_STREQ(PQresultErrorField(result, PG_DIAG_SQLSTATE), "40001");
  PQclear(result);
  PQclear(PQexec(old.get(), "ROLLBACK"));
  installation_.execute(deletion);
  EXPECT_EQ(state_of(next), "Enqueued");
}

TEST_F(PostgresqlLines, RowsGoWithTheirJobs) {
  create(job().limited("k"));
  create(job().limited("k"));
  EXPECT_EQ(count("limit_key"), "1");
  ASSERT_EQ(commit(ends(1).front()).status, CommitStatus::applied);
  ASSERT_EQ(commit(ends(1).front()).status, CommitStatus::applied);
  EXPECT_EQ(count("limit_key"), "0");
  EXPECT_EQ(count("limited"), "2");
  expire_everything();
  EXPECT_EQ(count("limited"), "0");
}

TEST_F(PostgresqlLines, ARefusedUnitLeavesNoKey) {
  const CommitResult result =
      commit(unit().create(job().limited("k")).move(moving(ids_.next<JobId>(), states::deleted())));
  EXPECT_EQ(result.status, CommitStatus::conflict);
  EXPECT_EQ(count("limit_key"), "0");
  EXPECT_EQ(count("limited"), "0");
}

}  // namespace
}  // namespace portfire::postgresql
