// So many jobs of one key at a time, and the others stand in line.

#include <portfire/error.hpp>
#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;
using testing::moving;

namespace {

// Strict order: a job counts from its first step to its end, whatever it goes through.
const StateKinds until_the_end{StateKind::ready, StateKind::timed, StateKind::running,
                               StateKind::parked};

}  // namespace

void keep_limits() {}

TEST_P(Limits, JobsBeyondTheLimitStandInLine) {
  const JobId first = create(job().limited("k", 2));
  const JobId second = create(job().limited("k", 2));
  const JobId third = create(job().limited("k", 2));
  EXPECT_EQ(state_of(first), "Enqueued");
  EXPECT_EQ(state_of(second), "Enqueued");
  const JobDetails waiting = details(third);
  EXPECT_EQ(waiting.state, "Awaiting");
  EXPECT_EQ(waiting.kind, StateKind::waiting);
  EXPECT_EQ(waiting.reason, reasons::in_line);
  EXPECT_EQ(waiting.limit_key, "k");
  EXPECT_TRUE(waiting.in_line);
  EXPECT_FALSE(details(first).in_line);
  EXPECT_EQ(ids_of(claim(10)), (std::vector{first, second}));
  EXPECT_EQ(live_count("Awaiting"), 1U);
}

TEST_P(Limits, OtherKeysAndJobsWithoutOneAreNotHeldUp) {
  create(job().limited("k"));
  const JobId other = create(job().limited("K"));
  const JobId free = create(job());
  EXPECT_EQ(state_of(other), "Enqueued");
  EXPECT_EQ(state_of(free), "Enqueued");
  EXPECT_EQ(details(free).limit_key, "");
}

TEST_P(Limits, TheEndOfOneLetsTheFirstInLineGo) {
  create(job().limited("k"));
  const JobId second = create(job().limited("k"));
  const JobId third = create(job().limited("k"));
  finish(claim_one());
  EXPECT_EQ(state_of(second), "Enqueued");
  EXPECT_FALSE(details(second).in_line);
  EXPECT_EQ(state_of(third), "Awaiting");
  EXPECT_EQ(history_of(second), (std::vector<std::string>{"Awaiting", "Enqueued"}));
  const Execution execution = claim_one();
  EXPECT_EQ(execution.ref.job, second);
  finish(execution, states::failed("why"));
  EXPECT_EQ(state_of(third), "Enqueued") << "a failed job does not count";
}

TEST_P(Limits, FirstComeFirstServedWhateverThePriority) {
  create(job().limited("k"));
  const JobId early = create(job().limited("k").priority(-100));
  const JobId late = create(job().limited("k").priority(100));
  finish(claim_one());
  EXPECT_EQ(claim_one().ref.job, early);
  EXPECT_EQ(state_of(late), "Awaiting");
}

TEST_P(Limits, AKeyCountsInAllQueues) {
  create(job().queue("one").limited("k"));
  const JobId second = create(job().queue("two").limited("k"));
  EXPECT_TRUE(claim(10, {"two"}).empty());
  finish(server().claim_one("one"));
  EXPECT_EQ(server().claim_one("two").ref.job, second);
}

TEST_P(Limits, ARunningJobCountsAndOneThatWaitsForItsRetryDoesNot) {
  create(job().limited("k"));
  const JobId second = create(job().limited("k"));
  const Execution execution = claim_one();
  EXPECT_EQ(state_of(second), "Awaiting");
  finish(execution, states::scheduled(1h));
  EXPECT_EQ(state_of(second), "Enqueued");
  advance(1h);
  promote();
  EXPECT_EQ(state_of(execution.ref.job), "Awaiting") << "due, but not its turn";
  finish(claim_one());
  EXPECT_EQ(state_of(execution.ref.job), "Enqueued");
}

TEST_P(Limits, AScheduledJobAsksForItsTurnOnceItIsDue) {
  const JobId later = create(job().limited("k").scheduled(1h));
  EXPECT_EQ(state_of(later), "Scheduled");
  const JobId now = create(job().limited("k"));
  EXPECT_EQ(state_of(now), "Enqueued");
  advance(1h);
  EXPECT_EQ(promote().promoted, 1U);
  EXPECT_EQ(state_of(later), "Awaiting");
  finish(claim_one());
  EXPECT_EQ(claim_one().ref.job, later);
}

TEST_P(Limits, AContinuationAsksForItsTurnOnceItsParentHasEnded) {
  const JobId parent = create(job().queue("parents"));
  const JobId child = create(job().limited("k").after(parent));
  create(job().limited("k"));
  EXPECT_FALSE(details(child).in_line);
  move(parent, states::succeeded());
  EXPECT_TRUE(details(child).in_line);
  EXPECT_TRUE(details(child).parents.empty());
  finish(claim_one());
  EXPECT_EQ(claim_one().ref.job, child);
}

TEST_P(Limits, AParentThatHasItsTurnGivesItToItsChild) {
  const JobId parent = create(job().limited("k"));
  const JobId child = create(job().limited("k").after(parent));
  finish(claim_one());
  EXPECT_EQ(claim_one().ref.job, child);
}

TEST_P(Limits, JobsThatCountUntilTheirEndKeepTheirOrder) {
  const JobId first = create(job().limited("k").counts_while(until_the_end));
  const JobId second = create(job().limited("k").counts_while(until_the_end));
  finish(claim_one(), states::scheduled(1h));
  EXPECT_EQ(state_of(second), "Awaiting") << "the first one is to be tried again";
  advance(1h);
  promote();
  const Execution again = claim_one();
  EXPECT_EQ(again.ref.job, first);
  finish(again, states::failed("why"));
  EXPECT_EQ(state_of(second), "Awaiting") << "somebody has to decide about the first one";
  move(first, states::enqueued());
  finish(claim_one());
  EXPECT_EQ(state_of(second), "Enqueued");
}

TEST_P(Limits, AJobOfLaterDateCountsFromItsCreationIfItIsToldSo) {
  const JobId first = create(job().limited("k").counts_while(until_the_end).scheduled(1h));
  const JobId second = create(job().limited("k").counts_while(until_the_end));
  EXPECT_EQ(state_of(first), "Scheduled");
  EXPECT_EQ(state_of(second), "Awaiting");
  move(first, states::deleted());
  EXPECT_EQ(state_of(second), "Enqueued");
}

TEST_P(Limits, WhoStandsInLineTakesTheStateThatItWasOnItsWayTo) {
  create(job().limited("k").counts_while(until_the_end));
  State soon = states::scheduled(30min, "not before noon");
  const JobId second = create(job().limited("k").counts_while(until_the_end).state(soon));
  const TimePoint due = now() + 30min;
  EXPECT_EQ(state_of(second), "Awaiting");
  advance(10min);
  finish(claim_one());
  const JobDetails scheduled = details(second);
  EXPECT_EQ(scheduled.state, "Scheduled");
  EXPECT_EQ(scheduled.reason, "not before noon");
  ASSERT_TRUE(scheduled.due_at.has_value());
  EXPECT_LE(*scheduled.due_at, due) << "the delay counts from the creation";
}

TEST_P(Limits, TheTurnComesEvenWhenTheTimeHasPassed) {
  create(job().limited("k").counts_while(until_the_end));
  const JobId second = create(job().limited("k").counts_while(until_the_end).scheduled(1h));
  advance(2h);
  finish(claim_one());
  promote();
  EXPECT_EQ(claim_one().ref.job, second);
}

TEST_P(Limits, DeletingWhoeverCountsLetsTheNextGo) {
  const JobId first = create(job().limited("k"));
  const JobId second = create(job().limited("k"));
  const JobId third = create(job().limited("k"));
  move(first, states::deleted());
  EXPECT_EQ(state_of(second), "Enqueued");
  claim_one();
  move(second, states::deleted());
  EXPECT_EQ(state_of(third), "Enqueued") << "running jobs are deleted, too";
}

TEST_P(Limits, WhoeverIsDeletedInLineHoldsUpNobody) {
  const JobId first = create(job().limited("k"));
  const JobId second = create(job().limited("k"));
  const JobId third = create(job().limited("k"));
  move(second, states::deleted());
  EXPECT_EQ(state_of(third), "Awaiting");
  move(first, states::deleted());
  EXPECT_EQ(state_of(second), "Deleted");
  EXPECT_EQ(state_of(third), "Enqueued");
}

TEST_P(Limits, EnqueueingWhoStandsInLinePutsItAtTheEndOfIt) {
  create(job().limited("k"));
  const JobId second = create(job().limited("k"));
  const JobId third = create(job().limited("k"));
  move(second, states::enqueued("now"));
  EXPECT_EQ(state_of(second), "Awaiting");
  finish(claim_one());
  EXPECT_EQ(state_of(third), "Enqueued");
  finish(claim_one());
  EXPECT_EQ(details(second).reason, "now");
}

TEST_P(Limits, JobsGivenBackAndTakenBackKeepTheirTurn) {
  const JobId first = create(job().limited("k"));
  const JobId second = create(job().limited("k"));
  release(claim_one(), ReleaseReason::unstarted);
  EXPECT_EQ(state_of(first), "Enqueued");
  release(claim_one(), ReleaseReason::shutdown);
  EXPECT_EQ(state_of(first), "Enqueued");
  EXPECT_EQ(state_of(second), "Awaiting");
  TestServer dying = new_server();
  EXPECT_EQ(dying.claim_one().ref.job, first);
  EXPECT_EQ(reclaim({dying.id()}).requeued, 1U);
  EXPECT_EQ(state_of(second), "Awaiting");
  EXPECT_EQ(claim_one().ref.job, first);
}

TEST_P(Limits, PoisonGivesItsTurnToTheNext) {
  create(job().limited("k"));
  const JobId second = create(job().limited("k"));
  TestServer dying = new_server();
  dying.claim_one();
  reclaim({dying.id()}, 1);
  TestServer dying_again = new_server();
  dying_again.claim_one();
  const ReclaimResult result = reclaim({dying_again.id()}, 1);
  ASSERT_EQ(result.poisoned.size(), 1U);
  EXPECT_EQ(state_of(second), "Awaiting");
  finish(result.poisoned.front(), states::failed("poison"));
  EXPECT_EQ(state_of(second), "Enqueued");
}

TEST_P(Limits, EachJobGoesByItsOwnNumber) {
  create(job().limited("k", 1));
  const JobId generous = create(job().limited("k", 3));
  EXPECT_EQ(state_of(generous), "Enqueued") << "one counts, and it allows for three";
  const JobId strict = create(job().limited("k", 1));
  const JobId behind = create(job().limited("k", 9));
  EXPECT_EQ(state_of(strict), "Awaiting");
  EXPECT_EQ(state_of(behind), "Awaiting") << "nobody overtakes";
  move(strict, states::deleted());
  EXPECT_EQ(state_of(behind), "Enqueued") << "whoever it waited behind is gone";
}

TEST_P(Limits, OneUnitMayEndOneJobAndCreateTheNext) {
  create(job().limited("k"));
  const JobBuilder next = job().limited("k");
  const CommitResult result = commit(unit().create(next).move(ending(claim_one())));
  EXPECT_EQ(result.status, CommitStatus::applied);
  EXPECT_EQ(state_of(next.id()), "Enqueued");
}

TEST_P(Limits, ManyUnitsOfOneCallKeepTheLine) {
  std::vector<Unit> units;
  std::vector<JobId> ids;
  for (int i = 0; i < 10; ++i) {
    const JobBuilder one = job().limited("k", 2);
    ids.push_back(one.id());
    units.push_back(unit().create(one));
  }
  for (const CommitResult& result : jobs().commit(units)) {
    EXPECT_EQ(result.status, CommitStatus::applied);
  }
  std::vector<JobId> run;
  for (std::vector<Execution> taken = claim(10); !taken.empty(); taken = claim(10)) {
    EXPECT_EQ(taken.size(), 2U);
    std::vector<Unit> ends;
    for (const Execution& one : taken) {
      run.push_back(one.ref.job);
      ends.push_back(unit().move(ending(one)));
    }
    jobs().commit(ends);
  }
  EXPECT_EQ(run, ids);
}

TEST_P(Limits, ManyJobsOfOneUnitKeepTheLine) {
  UnitBuilder all = unit();
  std::vector<JobId> ids;
  for (int i = 0; i < 5; ++i) {
    const JobBuilder one = job().limited("k");
    ids.push_back(one.id());
    all.create(one);
  }
  EXPECT_EQ(commit(all).status, CommitStatus::applied);
  for (const JobId id : ids) {
    const std::vector<Execution> taken = claim(10);
    ASSERT_EQ(ids_of(taken), std::vector{id});
    finish(taken.front());
  }
}

TEST_P(Limits, ARefusedUnitNeitherCountsNorStandsInLine) {
  const auto refused = [&](const JobBuilder& one) {
    return commit(unit().create(one).move(moving(new_id<JobId>(), states::deleted())));
  };
  EXPECT_EQ(refused(job().limited("k")).status, CommitStatus::conflict);
  const JobId first = create(job().limited("k"));
  EXPECT_EQ(state_of(first), "Enqueued");
  EXPECT_EQ(refused(job().limited("k")).status, CommitStatus::conflict);
  const JobId second = create(job().limited("k"));
  finish(claim_one());
  EXPECT_EQ(state_of(second), "Enqueued");
}

TEST_P(Limits, ARefusedUnitGivesNoTurnAway) {
  const JobId first = create(job().limited("k"));
  const JobId second = create(job().limited("k"));
  const CommitResult result = commit(unit()
                                         .move(moving(first, states::deleted()))
                                         .move(moving(new_id<JobId>(), states::deleted())));
  EXPECT_EQ(result.status, CommitStatus::conflict);
  EXPECT_EQ(state_of(first), "Enqueued");
  EXPECT_EQ(state_of(second), "Awaiting");
  finish(claim_one());
  EXPECT_EQ(state_of(second), "Enqueued");
}

TEST_P(Limits, ARetainedJobThatIsRemovedGivesItsTurnAway) {
  const JobId first = create(job().limited("k").counts_while(until_the_end));
  const JobId second = create(job().limited("k").counts_while(until_the_end));
  State brief = states::failed("why");
  brief.retention = 1min;
  finish(claim_one(), brief);
  EXPECT_EQ(state_of(second), "Awaiting");
  advance(1h);
  ASSERT_EQ(jobs().expire(10).removed, 1U);
  EXPECT_FALSE(exists(first));
  EXPECT_EQ(state_of(second), "Enqueued");
}

TEST_P(Limits, MembersOfABatchStandInLineLikeOthers) {
  const JobBuilder batch = job("batch").as_batch();
  const JobBuilder first = job().in(batch.id()).limited("k");
  const JobBuilder second = job().in(batch.id()).limited("k");
  commit(unit().create(batch).create(first).create(second));
  EXPECT_EQ(state_of(second.id()), "Awaiting");
  finish(claim_one());
  EXPECT_EQ(state_of(batch.id()), "BatchStarted");
  finish(claim_one());
  EXPECT_EQ(state_of(batch.id()), "BatchSucceeded");
}

TEST_P(Limits, ADeletedBatchTakesItsMembersOutOfTheLine) {
  create(job().limited("k"));
  const JobBuilder batch = job("batch").as_batch();
  const JobBuilder member = job().in(batch.id()).limited("k");
  commit(unit().create(batch).create(member));
  const JobId outside = create(job().limited("k"));
  move(batch.id(), states::deleted());
  while (promote().promoted > 0) {
  }
  EXPECT_EQ(state_of(member.id()), "Deleted");
  finish(claim_one());
  EXPECT_EQ(state_of(outside), "Enqueued");
}

TEST_P(Limits, WhoseTurnComesByPromotingAndTooLateIsDueAtOnce) {
  const JobBuilder batch = job("batch").as_batch();
  const JobBuilder member = job().in(batch.id()).limited("k");
  commit(unit().create(batch).create(member));
  const JobId late = create(job().limited("k").counts_while(until_the_end).scheduled(1h));
  EXPECT_EQ(state_of(late), "Awaiting");
  move(batch.id(), states::deleted());
  advance(2h);
  const PromoteResult result = jobs().promote({});
  EXPECT_EQ(state_of(member.id()), "Deleted");
  EXPECT_EQ(state_of(late), "Scheduled");
  EXPECT_EQ(result.next_due_in, Duration::zero());
  EXPECT_EQ(jobs().promote({}).promoted, 1U);
  EXPECT_EQ(state_of(late), "Enqueued");
}

TEST_P(Limits, AnElectedStateAsksForItsTurn) {
  const JobId later = create(job().limited("k").scheduled(1min));
  create(job().limited("k"));
  advance(1min);
  const PromoteResult due = jobs().promote({.elect = true});
  ASSERT_EQ(due.elect.size(), 1U);
  EXPECT_EQ(apply(moving(later, due.elect.front().candidate).expecting("Scheduled")).status,
            CommitStatus::applied);
  EXPECT_EQ(state_of(later), "Awaiting");
}

TEST_P(Limits, TheLineOutlivesTheProcess) {
  PORTFIRE_CONFORMANCE_NEEDS(durable);
  create(job().limited("k"));
  const JobId second = create(job().limited("k"));
  reopen();
  EXPECT_EQ(state_of(second), "Awaiting");
  finish(claim_one());
  EXPECT_EQ(claim_one().ref.job, second);
}

TEST_P(Limits, SenselessLimitsAreRefusedWithAMessage) {
  EXPECT_THROW(create(job().limited("k", 0)), UsageError);
  EXPECT_THROW(create(job().limited(std::string(201, 'k'))), UsageError);
  EXPECT_THROW(create(job().limited("k").counts_while({StateKind::ready})), UsageError);
  EXPECT_THROW(create(job().as_batch().limited("k")), UsageError);
  EXPECT_EQ(state_of(create(job().limited(std::string(200, 'k')))), "Enqueued");
}

}  // namespace portfire::conformance
