// Changing a job's state: guards, epochs and what entering a state sets.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;
using testing::moving;

void keep_transitions() {}

TEST_P(Transitions, EnteringAStateSetsAllThatBelongsToIt) {
  const JobId id = create(job());
  advance(1h);
  const TimePoint before = now();
  move(id, {.name = "On hold",
            .kind = StateKind::parked,
            .reason = "waiting for a person",
            .data = R"({"who":"ann"})"});
  const JobDetails stored = details(id);
  EXPECT_EQ(stored.state, "On hold");
  EXPECT_EQ(stored.kind, StateKind::parked);
  EXPECT_EQ(stored.reason, "waiting for a person");
  EXPECT_EQ(stored.data, R"({"who":"ann"})");
  EXPECT_GE(stored.since, before);
  EXPECT_LE(stored.since, now());
}

TEST_P(Transitions, EnteringAStateLeavesNothingOfTheFormerOne) {
  const JobId id = create(job());
  move(id, states::failed("broken", R"({"error":"x"})"));
  move(id, states::enqueued());
  EXPECT_EQ(details(id).reason, "");
  EXPECT_EQ(details(id).data, "");
}

TEST_P(Transitions, LongNamesAndReasonsAreKept) {
  const JobId id = create(job());
  const State state{.name = std::string(40, 'n'),
                    .kind = StateKind::parked,
                    .reason = std::string(1000, 'r'),
                    .data = "{\"d\":\"" + std::string(100'000, 'd') + "\"}"};
  move(id, state);
  EXPECT_EQ(details(id).state, state.name);
  EXPECT_EQ(details(id).reason, state.reason);
  EXPECT_EQ(details(id).data, state.data);
}

TEST_P(Transitions, AJobThatDoesNotExistIsAConflict) {
  const JobId missing = new_id<JobId>();
  const CommitResult result = apply(moving(missing, states::deleted()).expecting("Failed"));
  EXPECT_EQ(result.status, CommitStatus::conflict);
  EXPECT_EQ(result.conflict, Conflict::not_found);
  EXPECT_EQ(result.job, missing);
}

TEST_P(Transitions, AnExecutionOfAJobThatDoesNotExistIsAConflict) {
  const CommitResult result = apply(moving(new_id<JobId>(), states::succeeded()).under(1));
  EXPECT_EQ(result.conflict, Conflict::not_found);
}

TEST_P(Transitions, AnUnexpectedStateIsAConflict) {
  const JobId id = create(job());
  const CommitResult result = apply(moving(id, states::deleted()).expecting("Scheduled"));
  EXPECT_EQ(result.status, CommitStatus::conflict);
  EXPECT_EQ(result.conflict, Conflict::state);
  EXPECT_EQ(result.job, id);
  EXPECT_EQ(state_of(id), "Enqueued");
}

TEST_P(Transitions, TheExpectedStateIsComparedByName) {
  const JobId id = create(job().state(custom_state("Warm", StateKind::ready)));
  EXPECT_EQ(apply(moving(id, states::deleted()).expecting("Enqueued")).conflict, Conflict::state);
  EXPECT_EQ(apply(moving(id, states::deleted()).expecting("Warm")).status, CommitStatus::applied);
}

TEST_P(Transitions, WithoutAGuardAnyStateWillDo) {
  const JobId id = create(job());
  for (const State& next : {states::failed(), states::scheduled(1h), states::succeeded(),
                            states::deleted(), states::enqueued()}) {
    EXPECT_EQ(apply(moving(id, next)).status, CommitStatus::applied);
    EXPECT_EQ(state_of(id), next.name);
  }
}

TEST_P(Transitions, ATransitionUnderTheEpochEndsTheExecution) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  const CommitResult result = apply(ending(execution).result(R"({"sent":true})").took(2ms, 1500ms));
  EXPECT_EQ(result.status, CommitStatus::applied);
  const JobDetails stored = details(id);
  EXPECT_EQ(stored.state, "Succeeded");
  EXPECT_EQ(stored.result, R"({"sent":true})");
  EXPECT_EQ(stored.duration, 1500ms);
  EXPECT_EQ(stored.started_at, execution.claimed_at + 2ms);
  EXPECT_FALSE(stored.server);
  EXPECT_TRUE(server().held().empty());
}

TEST_P(Transitions, TheEndingOfThePresentStateIsShown) {
  const JobId id = create(job());
  EXPECT_EQ(details(id).ending, Ending::none);
  for (const State& next :
       {states::failed(), states::deleted(), states::succeeded(),
        custom_state("Snoozed", StateKind::timed, Ending::other), states::enqueued()}) {
    move(id, next);
    EXPECT_EQ(details(id).ending, next.ending) << next.name;
  }
  move(id, custom_state("Urgent", StateKind::ready, Ending::failed));
  claim_one();
  EXPECT_EQ(details(id).ending, Ending::none) << "it runs";
}

TEST_P(Transitions, AnExecutionEndsWithoutTheDriversShortcut) {
  create(job());
  const Execution execution = claim_one();
  EXPECT_EQ(apply(moving(execution.ref.job, states::succeeded()).under(execution.ref.epoch)).status,
            CommitStatus::applied);
}

TEST_P(Transitions, EndingAnExecutionKeepsTheEpoch) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  finish(execution);
  EXPECT_EQ(details(id).epoch, execution.ref.epoch);
  EXPECT_FALSE(details(id).stopping_on);
}

TEST_P(Transitions, AnExecutionMayEndInAnyState) {
  for (const State& end : {states::enqueued(), states::scheduled(1h), states::failed(),
                           states::deleted(), custom_state("Odd", StateKind::final)}) {
    const JobId id = create(job().priority(100));
    ASSERT_EQ(finish(claim_one(), end).status, CommitStatus::applied);
    EXPECT_EQ(state_of(id), end.name);
    move(id, states::deleted());
  }
}

TEST_P(Transitions, ATransitionUnderAnOldEpochIsRefused) {
  const JobId id = create(job());
  const Execution old = claim_one();
  release(old, ReleaseReason::unstarted);
  const Execution present = claim_one();
  const CommitResult result = finish(old);
  EXPECT_EQ(result.status, CommitStatus::conflict);
  EXPECT_EQ(result.conflict, Conflict::epoch);
  EXPECT_EQ(result.job, id);
  EXPECT_EQ(state_of(id), "Processing");
  EXPECT_EQ(finish(present).status, CommitStatus::applied);
}

TEST_P(Transitions, ATransitionUnderAnEpochThatNeverWasIsRefused) {
  const JobId id = create(job());
  EXPECT_EQ(apply(moving(id, states::succeeded()).under(1)).conflict, Conflict::epoch);
  const Execution execution = claim_one();
  EXPECT_EQ(apply(moving(id, states::succeeded()).under(execution.ref.epoch + 1)).conflict,
            Conflict::epoch);
}

TEST_P(Transitions, AnExecutionWhoseJobWasGivenBackIsRefused) {
  for (const ReleaseReason reason :
       {ReleaseReason::unstarted, ReleaseReason::shutdown, ReleaseReason::no_handler}) {
    const JobId id = create(job());
    const Execution execution = claim_one();
    release(execution, reason);
    EXPECT_EQ(finish(execution).conflict, Conflict::epoch);
    move(id, states::deleted());
  }
}

TEST_P(Transitions, AnExecutionWhoseServerWasReclaimedIsRefused) {
  const JobId id = create(job());
  TestServer dead = new_server();
  const Execution execution = dead.claim_one();
  reclaim({dead.id()});
  EXPECT_EQ(finish(execution).conflict, Conflict::epoch);
  EXPECT_EQ(state_of(id), "Enqueued");
}

TEST_P(Transitions, TheEpochIsCheckedBeforeTheExpectedState) {
  const JobId id = create(job());
  claim_one();
  const CommitResult result =
      apply(moving(id, states::succeeded()).under(99).expecting("Scheduled"));
  EXPECT_EQ(result.conflict, Conflict::epoch);
}

TEST_P(Transitions, AnExecutionsEndMayExpectAState) {
  create(job());
  const Execution execution = claim_one();
  EXPECT_EQ(apply(ending(execution).expecting("Enqueued")).conflict, Conflict::state);
  EXPECT_EQ(apply(ending(execution).expecting("Processing")).status, CommitStatus::applied);
}

TEST_P(Transitions, AHeldJobIsTakenFromItsHolderByATransitionWithoutEpoch) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  move(id, states::deleted());
  const JobDetails stored = details(id);
  EXPECT_EQ(stored.state, "Deleted");
  EXPECT_EQ(stored.epoch, execution.ref.epoch + 1);
  EXPECT_FALSE(stored.server);
  EXPECT_EQ(stored.stopping_on, server().id());
  EXPECT_TRUE(server().held().empty());
  EXPECT_EQ(finish(execution).conflict, Conflict::epoch);
  EXPECT_EQ(state_of(id), "Deleted");
}

TEST_P(Transitions, AJobThatNobodyHoldsKeepsItsEpoch) {
  const JobId id = create(job());
  move(id, states::failed());
  move(id, states::enqueued());
  EXPECT_EQ(details(id).epoch, 0U);
  EXPECT_FALSE(details(id).stopping_on);
}

TEST_P(Transitions, StoppingEndsWhenTheOldHolderTriesToFinish) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  move(id, states::deleted());
  EXPECT_EQ(finish(execution).status, CommitStatus::conflict);
  EXPECT_FALSE(details(id).stopping_on);
}

TEST_P(Transitions, StoppingEndsWhenTheOldHolderGivesTheJobBack) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  move(id, states::deleted());
  EXPECT_EQ(release(execution, ReleaseReason::shutdown), 0U);
  EXPECT_FALSE(details(id).stopping_on);
  EXPECT_EQ(state_of(id), "Deleted");
}

TEST_P(Transitions, StoppingEndsWhenTheOldHolderIsRemoved) {
  const JobId id = create(job());
  claim_one();
  move(id, states::deleted());
  coordination().remove(server().id());
  EXPECT_FALSE(details(id).stopping_on);
}

TEST_P(Transitions, StoppingEndsWhenTheOldHolderIsReclaimed) {
  const JobId id = create(job());
  TestServer dead = new_server();
  dead.claim_one();
  move(id, states::deleted());
  reclaim({dead.id()});
  EXPECT_FALSE(details(id).stopping_on);
}

TEST_P(Transitions, ALaterHolderThatIsStoppingTakesThePlaceOfAnEarlierOne) {
  const JobId id = create(job());
  const Execution first = claim_one();
  move(id, states::enqueued());
  TestServer other = new_server();
  const Execution second = other.claim_one();
  move(id, states::deleted());
  EXPECT_EQ(details(id).stopping_on, other.id());
  finish(first);
  EXPECT_EQ(details(id).stopping_on, other.id()) << "the first is not the one that is awaited";
  finish(second);
  EXPECT_FALSE(details(id).stopping_on);
}

TEST_P(Transitions, ARequeuedJobMayRunElsewhereWhileItsOldHolderIsStopping) {
  const JobId id = create(job());
  const Execution old = claim_one();
  move(id, states::enqueued());
  TestServer other = new_server();
  const Execution present = other.claim_one();
  EXPECT_EQ(present.ref.epoch, old.ref.epoch + 2);
  EXPECT_EQ(finish(old).conflict, Conflict::epoch);
  EXPECT_EQ(other.held(), (std::vector{present.ref}));
  EXPECT_EQ(finish(present).status, CommitStatus::applied);
}

TEST_P(Transitions, ParametersAreSetReplacedAndRemoved) {
  const JobId id = create(job().parameter("keep", "1").parameter("drop", "2"));
  apply(moving(id, states::failed())
            .parameter("drop", std::nullopt)
            .parameter("new", R"("x")")
            .parameter("absent", std::nullopt));
  EXPECT_EQ(details(id).parameters,
            (std::map<std::string, std::string>{{"keep", "1"}, {"new", R"("x")"}}));
}

TEST_P(Transitions, ParametersReachTheNextExecution) {
  create(job());
  apply(ending(claim_one(), states::enqueued()).parameter("page", "7").attempt(3));
  const Execution next = claim_one();
  EXPECT_EQ(next.parameters.at("page"), "7");
  EXPECT_EQ(next.attempt, 3U);
}

TEST_P(Transitions, TheNumberOfAttemptsChangesOnlyWhenGiven) {
  const JobId id = create(job());
  apply(moving(id, states::failed()).attempt(4));
  EXPECT_EQ(details(id).attempt, 4U);
  move(id, states::enqueued());
  EXPECT_EQ(details(id).attempt, 4U);
  apply(moving(id, states::enqueued()).attempt(0));
  EXPECT_EQ(details(id).attempt, 0U);
}

TEST_P(Transitions, QueueAndPriorityChangeOnlyWhenGiven) {
  const JobId id = create(job().queue("slow").priority(3));
  move(id, states::scheduled(1h));
  EXPECT_EQ(details(id).queue, "slow");
  EXPECT_EQ(details(id).priority, 3);
  apply(moving(id, states::scheduled(1h)).queue("fast").priority(-7));
  EXPECT_EQ(details(id).queue, "fast");
  EXPECT_EQ(details(id).priority, -7);
}

TEST_P(Transitions, ParametersAreSetOutsideAnyTransition) {
  const JobId id = create(job().parameter("a", "1").parameter("b", "2"));
  EXPECT_TRUE(jobs().set_parameters(id, {{"a", std::nullopt}, {"b", "3"}, {"c", "4"}}));
  EXPECT_EQ(details(id).parameters, (std::map<std::string, std::string>{{"b", "3"}, {"c", "4"}}));
  EXPECT_EQ(history_of(id).size(), 1U);
}

TEST_P(Transitions, ParametersOfAJobThatDoesNotExistAreNotSet) {
  EXPECT_FALSE(jobs().set_parameters(new_id<JobId>(), {{"a", "1"}}));
}

}  // namespace portfire::conformance
