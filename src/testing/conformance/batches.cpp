// Batches: jobs that wait for their members.

#include <portfire/error.hpp>
#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;
using testing::moving;

void keep_batches() {}

namespace {

MemberCounts counts(std::uint64_t total, std::uint64_t outstanding, std::uint64_t succeeded) {
  return {.total = total, .outstanding = outstanding, .succeeded = succeeded};
}

using Names = std::vector<std::string>;

}  // namespace

TEST_P(Batches, AreCreatedWithTheirMembersInOneUnit) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder first = job().in(batch.id());
  const JobBuilder second = job().in(batch.id());
  ASSERT_TRUE(commit(unit().create(batch).create(first).create(second)).done());
  const JobDetails stored = details(batch.id());
  EXPECT_EQ(stored.state, "BatchStarted");
  EXPECT_EQ(stored.kind, StateKind::waiting);
  EXPECT_EQ(stored.members, counts(2, 2, 0));
  EXPECT_EQ(stored.batch, std::nullopt);
  EXPECT_EQ(details(first.id()).batch, batch.id());
  EXPECT_EQ(details(first.id()).members, std::nullopt);
}

TEST_P(Batches, AnExecutionKnowsItsBatch) {
  const JobId batch = create(job().as_batch());
  create(job().in(batch));
  create(job());
  EXPECT_EQ(claim_one().batch, batch);
  EXPECT_EQ(claim_one().batch, JobId{});
}

TEST_P(Batches, SucceedWithTheirLastMember) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder first = job().in(batch.id());
  const JobBuilder second = job().in(batch.id());
  ASSERT_TRUE(commit(unit().create(batch).create(first).create(second)).done());
  finish(claim_one());
  EXPECT_EQ(state_of(batch.id()), "BatchStarted");
  EXPECT_EQ(details(batch.id()).members, counts(2, 1, 1));
  finish(claim_one());
  EXPECT_EQ(history_of(batch.id()), (Names{"BatchStarted", "BatchSucceeded"}));
  EXPECT_EQ(details(batch.id()).members, counts(2, 0, 2));
}

TEST_P(Batches, AreCompletedWhereAMemberWasDeleted) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder first = job().in(batch.id());
  const JobBuilder second = job().in(batch.id());
  ASSERT_TRUE(commit(unit().create(batch).create(first).create(second)).done());
  move(first.id(), states::deleted());
  EXPECT_EQ(state_of(batch.id()), "BatchStarted");
  finish(claim_one());
  EXPECT_EQ(state_of(batch.id()), "BatchCompleted");
  EXPECT_EQ(details(batch.id()).members, counts(2, 0, 1));
}

TEST_P(Batches, WaitForMembersThatHaveFailed) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder member = job().in(batch.id());
  ASSERT_TRUE(commit(unit().create(batch).create(member)).done());
  finish(claim_one(), states::failed());
  EXPECT_EQ(state_of(batch.id()), "BatchStarted");
  EXPECT_EQ(details(batch.id()).members, counts(1, 1, 0));
  move(member.id(), states::enqueued());
  finish(claim_one());
  EXPECT_EQ(state_of(batch.id()), "BatchSucceeded");
}

TEST_P(Batches, WithoutMembersAreConcludedAtOnce) {
  const JobId batch = create(job().as_batch());
  EXPECT_EQ(history_of(batch), (Names{"BatchStarted", "BatchSucceeded"}));
  EXPECT_EQ(details(batch).members, counts(0, 0, 0));
}

TEST_P(Batches, EndOnceForMembersThatEndTogether) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder first = job().in(batch.id());
  const JobBuilder second = job().in(batch.id());
  ASSERT_TRUE(commit(unit().create(batch).create(first).create(second)).done());
  const std::vector<Execution> both = claim(2);
  ASSERT_EQ(both.size(), 2U);
  ASSERT_TRUE(commit(unit().move(ending(both[0])).move(ending(both[1]))).done());
  EXPECT_EQ(history_of(batch.id()), (Names{"BatchStarted", "BatchSucceeded"}));
}

TEST_P(Batches, EndForMembersOfManyUnitsInOneCall) {
  const JobBuilder batch = job().as_batch();
  UnitBuilder all = unit().create(batch);
  for (int made = 0; made < 20; ++made) all.create(job().in(batch.id()));
  ASSERT_TRUE(commit(all).done());
  std::vector<Unit> units;
  for (const Execution& execution : claim(20)) units.push_back(unit().move(ending(execution)));
  ASSERT_EQ(units.size(), 20U);
  for (const CommitResult& result : jobs().commit(units)) {
    EXPECT_EQ(result.status, CommitStatus::applied);
  }
  EXPECT_EQ(state_of(batch.id()), "BatchSucceeded");
  EXPECT_EQ(details(batch.id()).members, counts(20, 0, 20));
}

TEST_P(Batches, MembersThatEndBeforeTheyBeginCount) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder over = job().in(batch.id()).state(states::succeeded());
  const JobBuilder deleted = job().in(batch.id()).state(states::deleted());
  ASSERT_TRUE(commit(unit().create(batch).create(over).create(deleted)).done());
  EXPECT_EQ(state_of(batch.id()), "BatchCompleted");
  EXPECT_EQ(details(batch.id()).members, counts(2, 0, 1));
}

TEST_P(Batches, LetThoseGoWhoWaitForThem) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder member = job().in(batch.id());
  const JobBuilder well = job().queue("other").after(batch.id());
  const JobBuilder anyway = job().queue("other").after(batch.id(), Condition::finished);
  const JobBuilder deleted = job().queue("other").after(batch.id(), Condition::deleted);
  ASSERT_TRUE(
      commit(unit().create(batch).create(member).create(well).create(anyway).create(deleted))
          .done());
  finish(claim_one());
  EXPECT_EQ(state_of(well.id()), "Enqueued");
  EXPECT_EQ(state_of(anyway.id()), "Enqueued");
  EXPECT_EQ(state_of(deleted.id()), "Deleted");
}

TEST_P(Batches, ThatAreCompletedDisappointThoseWhoWaitForSuccess) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder member = job().in(batch.id());
  const JobBuilder well = job().after(batch.id());
  const JobBuilder anyway = job().after(batch.id(), Condition::finished);
  ASSERT_TRUE(commit(unit().create(batch).create(member).create(well).create(anyway)).done());
  move(member.id(), states::deleted());
  EXPECT_EQ(state_of(well.id()), "Deleted");
  EXPECT_EQ(state_of(anyway.id()), "Enqueued");
}

TEST_P(Batches, MayHaveMembersThatWaitForEachOther) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder first = job().in(batch.id());
  const JobBuilder second = job().in(batch.id()).after(first.id());
  ASSERT_TRUE(commit(unit().create(batch).create(first).create(second)).done());
  move(first.id(), states::deleted());
  EXPECT_EQ(state_of(second.id()), "Deleted");
  EXPECT_EQ(state_of(batch.id()), "BatchCompleted");
  EXPECT_EQ(details(batch.id()).members, counts(2, 0, 0));
}

TEST_P(Batches, ThatEndElectingFallDueInPlaceOfEnding) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder member = job().in(batch.id());
  ASSERT_TRUE(commit(unit().create(batch).create(member)).done());
  ASSERT_TRUE(commit(unit().move(ending(claim_one()).electing())).done());
  EXPECT_EQ(details(batch.id()).kind, StateKind::timed);
  const PromoteResult due = jobs().promote({.elect = true});
  ASSERT_EQ(due.elect.size(), 1U);
  EXPECT_EQ(due.elect.front().candidate.name, "BatchSucceeded");
  EXPECT_EQ(promote().promoted, 1U);
  EXPECT_EQ(history_of(batch.id()), (Names{"BatchStarted", "BatchSucceeded"}));
}

TEST_P(Batches, TakeMembersLater) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder first = job().in(batch.id());
  ASSERT_TRUE(commit(unit().create(batch).create(first)).done());
  const JobId second = create(job().in(batch.id()));
  EXPECT_EQ(details(batch.id()).members, counts(2, 2, 0));
  move(first.id(), states::succeeded());
  EXPECT_EQ(state_of(batch.id()), "BatchStarted");
  move(second, states::succeeded());
  EXPECT_EQ(state_of(batch.id()), "BatchSucceeded");
}

TEST_P(Batches, TakeMembersFromAMemberAsItEnds) {
  const JobBuilder batch = job().as_batch();
  ASSERT_TRUE(commit(unit().create(batch).create(job().in(batch.id()))).done());
  const JobBuilder more = job().in(batch.id());
  ASSERT_TRUE(commit(unit().create(more).move(ending(claim_one()))).done());
  EXPECT_EQ(history_of(batch.id()), (Names{"BatchStarted"}));
  EXPECT_EQ(details(batch.id()).members, counts(2, 1, 1));
}

TEST_P(Batches, AreReopenedByAMemberThatComesLate) {
  const JobId batch = create(job().as_batch());
  const JobId late = create(job().in(batch));
  EXPECT_EQ(history_of(batch), (Names{"BatchStarted", "BatchSucceeded", "BatchStarted"}));
  EXPECT_EQ(details(batch).reason, reasons::reopened);
  EXPECT_EQ(details(batch).expires_at, std::nullopt);
  move(late, states::deleted());
  EXPECT_EQ(state_of(batch), "BatchCompleted");
}

TEST_P(Batches, AreSettledBetweenTheUnitsOfOneCall) {
  const JobBuilder batch = job().as_batch();
  const std::vector<Unit> units{unit().create(batch), unit().create(job().in(batch.id()))};
  for (const CommitResult& result : jobs().commit(units)) {
    EXPECT_EQ(result.status, CommitStatus::applied);
  }
  EXPECT_EQ(history_of(batch.id()), (Names{"BatchStarted", "BatchSucceeded", "BatchStarted"}));
}

TEST_P(Batches, AreReopenedByAMemberThatIsRequeued) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder member = job().in(batch.id());
  ASSERT_TRUE(commit(unit().create(batch).create(member)).done());
  move(member.id(), states::deleted());
  EXPECT_EQ(state_of(batch.id()), "BatchCompleted");
  move(member.id(), states::enqueued());
  EXPECT_EQ(state_of(batch.id()), "BatchStarted");
  EXPECT_EQ(details(batch.id()).members, counts(1, 1, 0));
  finish(claim_one());
  EXPECT_EQ(state_of(batch.id()), "BatchSucceeded");
}

TEST_P(Batches, LetThoseGoWhoWaitForThemOnceForEver) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder member = job().in(batch.id());
  const JobBuilder child = job().queue("other").after(batch.id());
  ASSERT_TRUE(commit(unit().create(batch).create(member).create(child)).done());
  finish(claim_one());
  move(member.id(), states::enqueued());
  move(member.id(), states::deleted());
  EXPECT_EQ(history_of(child.id()), (Names{"Awaiting", "Enqueued"}));
}

TEST_P(Batches, MayBeMembersOfOthers) {
  const JobBuilder outer = job().as_batch();
  const JobBuilder inner = job().as_batch().in(outer.id());
  const JobBuilder innermost = job().as_batch().in(inner.id());
  const JobBuilder member = job().in(innermost.id());
  ASSERT_TRUE(commit(unit().create(outer).create(inner).create(innermost).create(member)).done());
  EXPECT_EQ(details(outer.id()).members, counts(1, 1, 0));
  EXPECT_EQ(details(inner.id()).batch, outer.id());
  finish(claim_one());
  EXPECT_EQ(state_of(innermost.id()), "BatchSucceeded");
  EXPECT_EQ(state_of(inner.id()), "BatchSucceeded");
  EXPECT_EQ(state_of(outer.id()), "BatchSucceeded");
  move(member.id(), states::enqueued());
  EXPECT_EQ(state_of(outer.id()), "BatchStarted");
  move(member.id(), states::deleted());
  EXPECT_EQ(state_of(innermost.id()), "BatchCompleted");
  EXPECT_EQ(state_of(outer.id()), "BatchCompleted");
  EXPECT_EQ(details(outer.id()).members, counts(1, 0, 0));
}

TEST_P(Batches, ThatDoNotExistRejectTheUnit) {
  const JobId missing = new_id<JobId>();
  const JobBuilder other = job();
  const JobBuilder member = job().in(missing);
  const CommitResult result = commit(unit().create(other).create(member));
  EXPECT_EQ(result.status, CommitStatus::rejected);
  EXPECT_EQ(result.rejection, Rejection::batch_closed);
  EXPECT_EQ(result.job, member.id());
  EXPECT_EQ(result.holder, missing);
  EXPECT_FALSE(exists(other.id()));
}

TEST_P(Batches, OnlyBatchesHaveMembers) {
  const JobId ordinary = create(job());
  EXPECT_EQ(commit(unit().create(job().in(ordinary))).rejection, Rejection::batch_closed);
}

TEST_P(Batches, ThatWereDeletedTakeNoMembers) {
  const JobId batch = create(job().as_batch());
  move(batch, states::deleted());
  EXPECT_EQ(commit(unit().create(job().in(batch))).rejection, Rejection::batch_closed);
  EXPECT_EQ(details(batch).members, counts(0, 0, 0));
}

TEST_P(Batches, ARefusedUnitLeavesTheirNumbers) {
  const JobBuilder batch = job().as_batch();
  ASSERT_TRUE(commit(unit().create(batch).create(job().in(batch.id()))).done());
  const JobBuilder more = job().in(batch.id());
  EXPECT_EQ(commit(unit().create(more).create(job().after(new_id<JobId>()))).rejection,
            Rejection::parent_missing);
  EXPECT_EQ(details(batch.id()).members, counts(1, 1, 0));
  const Execution execution = claim_one();
  EXPECT_EQ(commit(unit().move(ending(execution)).move(moving(new_id<JobId>(), states::deleted())))
                .conflict,
            Conflict::not_found);
  EXPECT_EQ(details(batch.id()).members, counts(1, 1, 0));
  finish(execution);
  EXPECT_EQ(state_of(batch.id()), "BatchSucceeded");
}

TEST_P(Batches, AUnitThatIsSentAgainCountsOnce) {
  const JobBuilder batch = job().as_batch();
  const Unit all = unit().create(batch).create(job().in(batch.id()));
  ASSERT_EQ(commit(all).status, CommitStatus::applied);
  EXPECT_EQ(commit(all).status, CommitStatus::already_applied);
  EXPECT_EQ(details(batch.id()).members, counts(1, 1, 0));
  const Unit end = unit().move(ending(claim_one()));
  ASSERT_EQ(commit(end).status, CommitStatus::applied);
  EXPECT_EQ(commit(end).status, CommitStatus::already_applied);
  EXPECT_EQ(details(batch.id()).members, counts(1, 0, 1));
}

TEST_P(Batches, ThatAreDeletedTakeTheirMembersWithThem) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder over = job().in(batch.id());
  const JobBuilder running = job().in(batch.id());
  const JobBuilder ready = job().in(batch.id());
  const JobBuilder timed = job().in(batch.id()).state(states::scheduled(1h));
  const JobBuilder waiting = job().in(batch.id()).after(ready.id());
  ASSERT_TRUE(
      commit(unit().create(batch).create(over).create(running).create(ready).create(timed).create(
                 waiting))
          .done());
  finish(claim_one());
  const Execution held = claim_one();
  ASSERT_EQ(held.ref.job, running.id());
  State deleted = states::deleted();
  deleted.retention = 5h;
  move(batch.id(), deleted);

  while (promote().next_due_in == Duration::zero()) continue;
  EXPECT_EQ(state_of(over.id()), "Succeeded");
  for (const JobId member : {running.id(), ready.id(), timed.id()}) {
    const JobDetails gone = details(member);
    EXPECT_EQ(gone.state, "Deleted");
    EXPECT_EQ(gone.reason, reasons::batch_deleted);
    EXPECT_EQ(gone.expires_at, gone.since + 5h);
  }
  EXPECT_EQ(state_of(waiting.id()), "Deleted");
  EXPECT_EQ(history_of(batch.id()), (Names{"BatchStarted", "Deleted"}));
  EXPECT_EQ(details(batch.id()).members, counts(5, 0, 1));
  EXPECT_EQ(finish(held).conflict, Conflict::epoch);
}

TEST_P(Batches, AreSweptInSteps) {
  const JobBuilder batch = job().as_batch();
  UnitBuilder all = unit().create(batch);
  for (int made = 0; made < 7; ++made) all.create(job().in(batch.id()));
  ASSERT_TRUE(commit(all).done());
  move(batch.id(), states::deleted());
  std::size_t moved = 0;
  PromoteResult step;
  do {
    step = jobs().promote({.max = 3});
    EXPECT_LE(step.promoted, 3U);
    moved += step.promoted;
  } while (step.next_due_in == Duration::zero());
  EXPECT_EQ(moved, 7U);
  EXPECT_TRUE(claim(10).empty());
}

TEST_P(Batches, ThatAreDeletedTakeInnerOnesWithThem) {
  const JobBuilder outer = job().as_batch();
  const JobBuilder inner = job().as_batch().in(outer.id());
  const JobBuilder member = job().in(inner.id());
  ASSERT_TRUE(commit(unit().create(outer).create(inner).create(member)).done());
  move(outer.id(), states::deleted());
  while (promote().next_due_in == Duration::zero()) continue;
  EXPECT_EQ(state_of(inner.id()), "Deleted");
  EXPECT_EQ(state_of(member.id()), "Deleted");
  EXPECT_EQ(history_of(outer.id()), (Names{"BatchStarted", "Deleted"}));
}

TEST_P(Batches, AMemberOfADeletedBatchMayRunAlone) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder member = job().in(batch.id());
  ASSERT_TRUE(commit(unit().create(batch).create(member)).done());
  move(batch.id(), states::deleted());
  while (promote().next_due_in == Duration::zero()) continue;
  move(member.id(), states::enqueued());
  EXPECT_EQ(state_of(batch.id()), "Deleted");
  finish(claim_one());
  EXPECT_EQ(state_of(batch.id()), "Deleted");
  EXPECT_EQ(details(batch.id()).members, counts(1, 0, 1));
}

TEST_P(Batches, AreKeptAsLongAsTheirStateSays) {
  const JobId batch = create(job().as_batch());
  const JobDetails stored = details(batch);
  EXPECT_EQ(stored.expires_at, stored.since + default_batch_retention);
  advance(default_batch_retention + 1s);
  while (jobs().expire(100).more) continue;
  EXPECT_FALSE(exists(batch));
}

TEST_P(Batches, MembersThatHaveExpiredStillCount) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder over = job().in(batch.id()).state(states::succeeded());
  const JobBuilder open = job().in(batch.id());
  ASSERT_TRUE(commit(unit().create(batch).create(over).create(open)).done());
  advance(default_retention + 1s);
  while (jobs().expire(100).more) continue;
  ASSERT_FALSE(exists(over.id()));
  EXPECT_EQ(details(batch.id()).members, counts(2, 1, 1));
  move(open.id(), states::succeeded());
  EXPECT_EQ(state_of(batch.id()), "BatchSucceeded");
}

TEST_P(Batches, AFailedMemberThatExpiresHasEnded) {
  const JobBuilder batch = job().as_batch();
  const JobBuilder member = job().in(batch.id());
  ASSERT_TRUE(commit(unit().create(batch).create(member)).done());
  State failed = states::failed();
  failed.retention = 1h;
  move(member.id(), failed);
  advance(2h);
  while (jobs().expire(100).more) continue;
  ASSERT_FALSE(exists(member.id()));
  EXPECT_EQ(state_of(batch.id()), "BatchCompleted");
  EXPECT_EQ(details(batch.id()).members, counts(1, 0, 0));
}

TEST_P(Batches, MembersAreListedNewestFirst) {
  const JobBuilder batch = job().as_batch();
  ASSERT_TRUE(commit(unit().create(batch)).done());
  const JobId first = create(job().in(batch.id()));
  create(job());
  const JobId second = create(job().in(batch.id()));
  const JobId third = create(job().in(batch.id()));
  move(second, states::deleted());
  const auto listed = [&](JobQuery query) {
    query.batch = batch.id();
    std::vector<JobId> ids;
    do {
      const JobPage page = monitoring().list(query);
      for (const JobSummary& summary : page.jobs) ids.push_back(summary.id);
      query.cursor = page.next;
    } while (!query.cursor.empty());
    return ids;
  };
  EXPECT_EQ(listed({}), (std::vector{third, second, first}));
  EXPECT_EQ(listed({.limit = 1}), (std::vector{third, second, first}));
  EXPECT_EQ(listed({.state = "Enqueued"}), (std::vector{third, first}));
  EXPECT_EQ(listed({.queue = "nowhere"}), std::vector<JobId>{});
}

TEST_P(Batches, AreNeverRun) {
  const JobBuilder batch = job().as_batch();
  ASSERT_TRUE(commit(unit().create(batch).create(job().in(batch.id()).scheduled(1h))).done());
  EXPECT_EQ(apply(moving(batch.id(), states::enqueued())).conflict, Conflict::batch);
  EXPECT_EQ(apply(moving(batch.id(), states::scheduled(1s))).conflict, Conflict::batch);
  EXPECT_EQ(state_of(batch.id()), "BatchStarted");
}

TEST_P(Batches, AnEndInWhichTheyWouldBeRunIsRefused) {
  EXPECT_THROW(commit(unit().create(job().as_batch().when_met(states::enqueued()))), UsageError);
  EXPECT_THROW(commit(unit().create(job().as_batch().when_unmet(states::scheduled(1h)))),
               UsageError);
}

TEST_P(Batches, AFirstStateThatDoesNotWaitIsRefused) {
  EXPECT_THROW(commit(unit().create(job().as_batch().state(states::enqueued()))), UsageError);
  const JobId parent = create(job());
  EXPECT_THROW(commit(unit().create(job().as_batch().after(parent))), UsageError);
}

}  // namespace portfire::conformance
