// Batches as other transactions see them: who waits for whom, how often a row is changed, and what
// is left in the end.

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
using testing::UnitBuilder;

class PostgresqlBatches : public OneServer {
 protected:
  JobId batch_of(std::vector<JobBuilder> members) {
    const JobBuilder batch = job().as_batch();
    UnitBuilder all = unit().create(batch);
    for (JobBuilder& member : members) all.create(member.in(batch.id()));
    EXPECT_EQ(commit(all).status, CommitStatus::applied);
    return batch.id();
  }
  MemberCounts members_of(JobId id) { return storage_->monitoring().job(id)->members.value(); }
  // Somebody has the batch's row.
  [[nodiscard]] Blocker block(JobId batch) const {
    return somebody("SELECT FROM batch WHERE id = '" + to_string(batch) + "' FOR UPDATE");
  }
};

TEST_F(PostgresqlBatches, AnEndWhoseBatchSomebodyBlocksIsBusyAndTheOthersGoAhead) {
  const JobId batch = batch_of({job()});
  ASSERT_TRUE(commit(unit().create(job())).done());
  const std::vector<Unit> both = ends(2);
  ASSERT_EQ(both.size(), 2U);
  {
    const Blocker blocker = block(batch);
    const auto results = jobs().commit(both);
    EXPECT_EQ(results[0].status, CommitStatus::busy);
    EXPECT_EQ(results[1].status, CommitStatus::applied);
    EXPECT_EQ(commit(unit().create(job().in(batch))).status, CommitStatus::busy);
  }
  EXPECT_EQ(commit(both[0]).status, CommitStatus::applied);
  EXPECT_EQ(state_of(batch), "BatchSucceeded");
}

TEST_F(PostgresqlBatches, OneThatSomebodyBlocksHoldsUpNoOtherThatFallsDue) {
  const JobBuilder first = job();
  const JobId batch = batch_of({job(), first});
  // It falls due for an election, and is deleted then: its batch has to be told.
  const JobBuilder child = job().in(batch).after(first.id());
  const JobBuilder other = job().scheduled(2h);
  ASSERT_TRUE(commit(unit().create(child).create(other)).done());
  Transition deletion = moving(first.id(), states::deleted());
  deletion.release = Release::elect;
  ASSERT_TRUE(commit(unit().move(deletion)).done());
  offset_->advance(3h);
  {
    const Blocker blocker = block(batch);
    const PromoteResult result = jobs().promote({});
    EXPECT_EQ(result.promoted, 1U);
    EXPECT_GT(result.next_due_in, Duration::zero());
    EXPECT_EQ(state_of(other.id()), "Enqueued");
  }
  EXPECT_EQ(jobs().promote({}).promoted, 1U);
  EXPECT_EQ(state_of(child.id()), "Deleted");
  EXPECT_EQ(members_of(batch).outstanding, 1U);
}

TEST_F(PostgresqlBatches, OneThatSomebodyBlocksHoldsUpNoOtherThatExpires) {
  State failed = states::failed();
  failed.retention = 1h;
  const JobBuilder member = job().state(failed);
  const JobBuilder other = job().state(failed);
  const JobId batch = batch_of({member});
  ASSERT_TRUE(commit(unit().create(other)).done());
  offset_->advance(2h);
  {
    const Blocker blocker = block(batch);
    EXPECT_EQ(jobs().expire(10).removed, 1U);
  }
  EXPECT_FALSE(storage_->monitoring().job(other.id()));
  EXPECT_EQ(members_of(batch).outstanding, 1U);
  EXPECT_EQ(jobs().expire(10).removed, 1U);
  EXPECT_EQ(state_of(batch), "BatchCompleted");
}

TEST_F(PostgresqlBatches, AMemberThatSomebodyBlocksIsSweptLater) {
  const JobBuilder blocked = job();
  const JobBuilder other = job();
  const JobId batch = batch_of({other, blocked});
  move(batch, states::deleted());
  {
    const Blocker blocker{"SELECT FROM " + installation_.schema() + ".job WHERE id = '" +
                          to_string(blocked.id()) + "' FOR UPDATE"};
    const PromoteResult result = jobs().promote({});
    EXPECT_EQ(result.promoted, 1U);
    EXPECT_GT(result.next_due_in, Duration::zero());
  }
  EXPECT_EQ(jobs().promote({}).promoted, 1U);
  EXPECT_EQ(state_of(blocked.id()), "Deleted");
  EXPECT_EQ(members_of(batch).outstanding, 0U);
}

TEST_F(PostgresqlBatches, TheRowIsChangedOnceHoweverManyMembersEndTogether) {
  constexpr std::size_t many = 50;
  installation_.execute(
      "CREATE TABLE :schema.seen (outstanding bigint);"
      "CREATE FUNCTION :schema.see() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
      " INSERT INTO :schema.seen VALUES (NEW.outstanding); RETURN NULL; END$$;"
      "CREATE TRIGGER sees AFTER UPDATE ON :schema.batch FOR EACH ROW"
      " EXECUTE FUNCTION :schema.see()");
  const JobBuilder batch = job().as_batch();
  UnitBuilder all = unit().create(batch);
  for (std::size_t made = 0; made < many; ++made) all.create(job().in(batch.id()));
  ASSERT_EQ(commit(all).status, CommitStatus::applied);
  EXPECT_EQ(count("seen"), "0");
  const auto results = jobs().commit(ends(many));
  ASSERT_EQ(results.size(), many);
  EXPECT_EQ(count("seen"), "1");
  EXPECT_EQ(state_of(batch.id()), "BatchSucceeded");
}

TEST_F(PostgresqlBatches, AFinishedMemberThatHasNotEndedCountsAsEndedOnceItExpires) {
  const State aside{.name = "Aside", .kind = StateKind::final, .retention = 1h};
  const JobId batch = batch_of({job().state(aside), job()});
  std::vector<Unit> end = ends(1);
  end[0].transitions[0].state = aside;
  ASSERT_EQ(commit(end[0]).status, CommitStatus::applied);
  EXPECT_EQ(members_of(batch), (MemberCounts{.total = 2, .outstanding = 2, .succeeded = 0}));
  offset_->advance(2h);
  jobs().expire(10);
  EXPECT_EQ(members_of(batch), (MemberCounts{.total = 2, .outstanding = 0, .succeeded = 0}));
  EXPECT_EQ(state_of(batch), "BatchCompleted");
}

TEST_F(PostgresqlBatches, RowsGoWithTheirJobs) {
  const JobId batch = batch_of({job()});
  ASSERT_EQ(commit(ends(1).front()).status, CommitStatus::applied);
  ASSERT_EQ(state_of(batch), "BatchSucceeded");
  EXPECT_EQ(count("batch"), "1");
  expire_everything();
  EXPECT_EQ(count("batch"), "0");
}

TEST_F(PostgresqlBatches, OthersCostNothingInTheirIndexes) {
  ASSERT_TRUE(commit(unit().create(job()).create(job())).done());
  for (const Unit& end : ends(1)) ASSERT_TRUE(commit(end).done());
  const std::string pages =
      "SELECT sum(pg_relation_size(c.oid)) FROM pg_class c"
      " WHERE c.relnamespace = ':schema'::regnamespace AND c.relkind = 'i'"
      " AND c.relname IN ('job_batch', 'batch_sweep')";
  EXPECT_EQ(installation_.execute(pages), std::to_string(2 * 8192));
}

}  // namespace
}  // namespace portfire::postgresql
