// Jobs that wait for others: several parents, cascades, the two roads of release.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;
using testing::moving;

void keep_continuations() {}

TEST_P(Continuations, AWaitingJobKnowsItsParentsAndTheyKnowIt) {
  const JobId first = create(job());
  const JobId second = create(job());
  const JobId child = create(job().after(first).after(second, Condition::finished));
  const JobDetails stored = details(child);
  EXPECT_EQ(stored.state, "Awaiting");
  EXPECT_EQ(stored.kind, StateKind::waiting);
  EXPECT_EQ(stored.parents,
            (std::vector<Parent>{{first, Condition::succeeded}, {second, Condition::finished}}));
  EXPECT_EQ(details(first).children, (std::vector{child}));
  EXPECT_EQ(details(second).children, (std::vector{child}));
}

TEST_P(Continuations, AMissingParentRejectsTheUnit) {
  const JobId missing = new_id<JobId>();
  const JobBuilder child = job().after(missing);
  const JobBuilder other = job();
  const CommitResult result = commit(unit().create(other).create(child));
  EXPECT_EQ(result.status, CommitStatus::rejected);
  EXPECT_EQ(result.rejection, Rejection::parent_missing);
  EXPECT_EQ(result.job, child.id());
  EXPECT_EQ(result.holder, missing);
  EXPECT_FALSE(exists(other.id()));
  EXPECT_FALSE(exists(child.id()));
}

TEST_P(Continuations, AParentMayBeCreatedEarlierInTheSameUnit) {
  const JobBuilder parent = job();
  const JobBuilder child = job().after(parent.id());
  const JobBuilder grandchild = job().after(child.id());
  ASSERT_EQ(commit(unit().create(parent).create(child).create(grandchild)).status,
            CommitStatus::applied);
  finish(claim_one());
  EXPECT_EQ(state_of(child.id()), "Enqueued");
  EXPECT_EQ(state_of(grandchild.id()), "Awaiting");
}

TEST_P(Continuations, AParentCreatedLaterInTheSameUnitIsMissing) {
  const JobBuilder parent = job();
  const JobBuilder child = job().after(parent.id());
  EXPECT_EQ(commit(unit().create(child).create(parent)).rejection, Rejection::parent_missing);
}

TEST_P(Continuations, AHandlerMayAddAContinuationToItsOwnJobAsItEnds) {
  const JobId parent = create(job());
  const JobBuilder child = job().after(parent);
  const Execution execution = claim_one();
  ASSERT_EQ(commit(unit().create(child).move(ending(execution))).status, CommitStatus::applied);
  EXPECT_EQ(state_of(child.id()), "Enqueued");
}

TEST_P(Continuations, EveryConditionMustBeMet) {
  const JobId first = create(job());
  const JobId second = create(job());
  const JobId child = create(job().after(first).after(second));
  move(first, states::succeeded());
  EXPECT_EQ(state_of(child), "Awaiting");
  EXPECT_EQ(details(child).parents, (std::vector<Parent>{{.job = second}}));
  EXPECT_TRUE(details(first).children.empty());
  move(second, states::succeeded());
  EXPECT_EQ(state_of(child), "Enqueued");
  EXPECT_TRUE(details(child).parents.empty());
}

TEST_P(Continuations, ParentsThatEndTogetherDecideOnce) {
  const JobId first = create(job());
  const JobId second = create(job());
  const JobId child = create(job().after(first).after(second));
  commit(unit().move(moving(first, states::succeeded())).move(moving(second, states::succeeded())));
  EXPECT_EQ(history_of(child), (std::vector<std::string>{"Awaiting", "Enqueued"}));
}

TEST_P(Continuations, AConditionThatWasMetStaysMet) {
  const JobId first = create(job());
  const JobId second = create(job());
  const JobId child = create(job().after(first).after(second));
  move(first, states::succeeded());
  move(first, states::enqueued());
  move(first, states::deleted());
  move(second, states::succeeded());
  EXPECT_EQ(state_of(child), "Enqueued");
}

TEST_P(Continuations, TheFirstThatCanNoLongerHoldDecidesAgainstIt) {
  const JobId first = create(job());
  const JobId second = create(job());
  const JobId child = create(job().after(first).after(second));
  move(second, states::deleted());
  EXPECT_EQ(state_of(child), "Deleted");
  EXPECT_TRUE(details(child).parents.empty());
  EXPECT_TRUE(details(first).children.empty());
  move(first, states::succeeded());
  EXPECT_EQ(state_of(child), "Deleted");
}

TEST_P(Continuations, OneParentThatHasAlreadyEndedDoesNotAnswerForTheOther) {
  const JobId over = create(job().state(states::succeeded()));
  const JobId open = create(job());
  const JobId child = create(job().after(over).after(open));
  EXPECT_EQ(state_of(child), "Awaiting");
  EXPECT_EQ(details(child).parents, (std::vector<Parent>{{.job = open}}));
  move(open, states::succeeded());
  EXPECT_EQ(state_of(child), "Enqueued");
}

TEST_P(Continuations, AFailedParentThatSucceedsAfterAllMeetsTheCondition) {
  const JobId parent = create(job());
  const JobId child = create(job().after(parent));
  move(parent, states::failed());
  EXPECT_EQ(state_of(child), "Awaiting");
  move(parent, states::enqueued());
  finish(claim_one());
  EXPECT_EQ(state_of(child), "Enqueued");
}

TEST_P(Continuations, AJobWaitsForTheNextEndOfAParentThatRunsAgain) {
  const JobId parent = create(job().state(states::succeeded()));
  move(parent, states::enqueued());
  const JobId child = create(job().after(parent));
  EXPECT_EQ(state_of(child), "Awaiting");
}

TEST_P(Continuations, AnEndThatWasDecidedAtCreationLeavesBothStatesInTheHistory) {
  const JobId parent = create(job().state(states::succeeded()));
  const JobId met = create(job().after(parent));
  const JobId unmet = create(job().after(parent, Condition::failed));
  EXPECT_EQ(history_of(met), (std::vector<std::string>{"Awaiting", "Enqueued"}));
  EXPECT_EQ(history_of(unmet), (std::vector<std::string>{"Awaiting", "Deleted"}));
  EXPECT_TRUE(details(met).parents.empty());
}

TEST_P(Continuations, TheChildEntersTheStatesThatItsCreatorChose) {
  const JobId parent = create(job());
  const JobId met = create(job().after(parent).when_met(states::scheduled(1h, "later")));
  const JobId unmet =
      create(job().after(parent, Condition::deleted).when_unmet(states::failed("no", "{\"a\":1}")));
  move(parent, states::succeeded());
  EXPECT_EQ(state_of(met), "Scheduled");
  EXPECT_EQ(details(met).reason, "later");
  EXPECT_EQ(details(met).due_at, details(met).since + 1h);
  EXPECT_EQ(state_of(unmet), "Failed");
  EXPECT_EQ(details(unmet).reason, "no");
  EXPECT_EQ(details(unmet).data, "{\"a\":1}");
}

TEST_P(Continuations, AReleasedChildBecomesReadyThen) {
  const JobId parent = create(job());
  const JobId child = create(job().after(parent));
  advance(1h);
  move(parent, states::succeeded());
  const Execution execution = claim_one();
  EXPECT_EQ(execution.ref.job, child);
  EXPECT_GE(execution.ready_at, execution.created_at + 1h);
}

TEST_P(Continuations, ChildrenAreLetGoInTheOrderOfTheirCreation) {
  const JobId parent = create(job());
  std::vector<JobId> children;
  for (int made = 0; made < 5; ++made) children.push_back(create(job().after(parent)));
  const JobId between = create(job().queue("other"));
  finish(claim_one());
  EXPECT_EQ(ids_of(claim(10)), children);
  EXPECT_EQ(state_of(between), "Enqueued");
}

TEST_P(Continuations, EndsCascadeThroughGenerations) {
  const JobId first = create(job());
  const JobId second = create(job().after(first));
  const JobId third = create(job().after(second));
  const JobId mourner = create(job().after(third, Condition::deleted));
  move(first, states::deleted());
  EXPECT_EQ(state_of(second), "Deleted");
  EXPECT_EQ(state_of(third), "Deleted");
  EXPECT_EQ(state_of(mourner), "Enqueued");
}

TEST_P(Continuations, EndsCascadeBreadthFirst) {
  const JobId parent = create(job().queue("parents"));
  const JobId child = create(job().after(parent));
  const JobId grandchild = create(job().after(child, Condition::deleted));
  const JobId second_child = create(job().after(parent, Condition::deleted));
  move(parent, states::deleted());
  EXPECT_EQ(ids_of(claim(10)), (std::vector{second_child, grandchild}));
}

TEST_P(Continuations, WithinAGenerationTheOrderIsThatOfTheParents) {
  const JobId parent = create(job().queue("parents"));
  const JobId first = create(job().after(parent));
  const JobId second = create(job().after(parent));
  const JobId of_second = create(job().after(second, Condition::deleted));
  const JobId of_first = create(job().after(first, Condition::deleted));
  move(parent, states::deleted());
  EXPECT_EQ(ids_of(claim(10)), (std::vector{of_first, of_second}));
}

TEST_P(Continuations, AnEndDecidedAtCreationCascadesWithinItsUnit) {
  const JobId parent = create(job().state(states::deleted()));
  const JobBuilder child = job().after(parent);
  const JobBuilder grandchild = job().after(child.id());
  ASSERT_EQ(commit(unit().create(child).create(grandchild)).status, CommitStatus::applied);
  EXPECT_EQ(state_of(child.id()), "Deleted");
  EXPECT_EQ(state_of(grandchild.id()), "Deleted");
}

TEST_P(Continuations, LongChainsCascadeInOneStep) {
  std::vector<JobId> chain{create(job())};
  for (int made = 0; made < 200; ++made) chain.push_back(create(job().after(chain.back())));
  move(chain.front(), states::deleted());
  for (const JobId link : chain) ASSERT_EQ(state_of(link), "Deleted");
}

TEST_P(Continuations, ManyChildrenAreLetGoInOneStep) {
  const JobId parent = create(job());
  UnitBuilder all = unit();
  for (int made = 0; made < 500; ++made) all.create(job().after(parent));
  commit(all);
  finish(claim_one());
  EXPECT_EQ(live_count("Enqueued"), 500U);
  EXPECT_EQ(live_count("Awaiting"), 0U);
}

TEST_P(Continuations, LeavingTheWaitingStateForgetsTheParents) {
  const JobId parent = create(job());
  const JobId child = create(job().after(parent));
  move(child, states::scheduled(1h));
  EXPECT_TRUE(details(child).parents.empty());
  EXPECT_TRUE(details(parent).children.empty());
  move(parent, states::deleted());
  EXPECT_EQ(history_of(child), (std::vector<std::string>{"Awaiting", "Scheduled"}));
}

TEST_P(Continuations, AParkedParentThatExpiresDecidesAsThoughItHadBeenDeleted) {
  State failed = states::failed();
  failed.retention = 1h;
  const JobId parent = create(job().state(failed));
  const JobId succeeded = create(job().after(parent));
  const JobId finished = create(job().after(parent, Condition::finished));
  const JobId deleted = create(job().after(parent, Condition::deleted));
  advance(2h);
  EXPECT_EQ(jobs().expire(10).removed, 1U);
  EXPECT_EQ(state_of(succeeded), "Deleted");
  EXPECT_EQ(state_of(finished), "Enqueued");
  EXPECT_EQ(state_of(deleted), "Enqueued");
  EXPECT_TRUE(details(finished).parents.empty());
}

TEST_P(Continuations, WithElectionTheChildFallsDueAndKeepsItsState) {
  const JobId parent = create(job());
  const JobId child = create(job().after(parent));
  apply(ending(claim_one()).electing());
  const JobDetails stored = details(child);
  EXPECT_EQ(stored.state, "Awaiting");
  EXPECT_EQ(stored.kind, StateKind::timed);
  EXPECT_TRUE(stored.parents.empty());
  EXPECT_TRUE(details(parent).children.empty());
  ASSERT_TRUE(stored.due_at);
  EXPECT_LE(*stored.due_at, now());
  EXPECT_EQ(history_of(child), (std::vector<std::string>{"Awaiting"}));
  EXPECT_EQ(live_count("Awaiting"), 1U);
}

TEST_P(Continuations, WithElectionTheOtherParentsAreForgottenToo) {
  const JobId first = create(job());
  const JobId second = create(job());
  const JobId child = create(job().after(first).after(second));
  apply(moving(second, states::deleted()).electing());
  EXPECT_TRUE(details(child).parents.empty());
  EXPECT_TRUE(details(first).children.empty());
  move(first, states::deleted());
  EXPECT_EQ(history_of(child), (std::vector<std::string>{"Awaiting"}));
}

TEST_P(Continuations, AChildThatIsUpForElectionIsHandedOutWithItsCandidate) {
  const JobId parent = create(job());
  const JobId met = create(job("met").queue("q").after(parent).when_met(states::enqueued("ok")));
  const JobId unmet = create(job("unmet").after(parent, Condition::deleted));
  apply(ending(claim_one()).electing());
  std::map<JobId, DueJob> due;
  for (const DueJob& one : jobs().promote({.elect = true}).elect) due[one.job] = one;
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[met].name, "met");
  EXPECT_EQ(due[met].queue, "q");
  EXPECT_EQ(due[met].current.name, "Awaiting");
  EXPECT_EQ(due[met].candidate, states::enqueued("ok"));
  EXPECT_EQ(due[unmet].candidate, states::deleted());
}

TEST_P(Continuations, TheElectedStateIsCommittedGuardedByTheFormerOne) {
  const JobId parent = create(job());
  const JobId child = create(job().after(parent));
  apply(ending(claim_one()).electing());
  const DueJob due = jobs().promote({.elect = true}).elect.at(0);
  const Transition elected =
      moving(child, states::scheduled(1h)).expecting(due.current.name).instead_of(due.candidate);
  EXPECT_EQ(apply(elected).status, CommitStatus::applied);
  EXPECT_EQ(history_of(child), (std::vector<std::string>{"Awaiting", "(Enqueued)", "Scheduled"}));
  EXPECT_EQ(apply(elected).conflict, Conflict::state);
  EXPECT_TRUE(jobs().promote({.elect = true}).elect.empty());
}

TEST_P(Continuations, WithoutAnElectionTheCandidateIsEnteredWhenItFallsDue) {
  const JobId parent = create(job());
  const JobId met = create(job().after(parent).when_met(states::enqueued("ok")));
  const JobId unmet = create(job().after(parent, Condition::deleted));
  apply(ending(claim_one()).electing());
  EXPECT_EQ(promote().promoted, 2U);
  EXPECT_EQ(history_of(met), (std::vector<std::string>{"Awaiting", "Enqueued"}));
  EXPECT_EQ(details(met).reason, "ok");
  EXPECT_EQ(state_of(unmet), "Deleted");
}

TEST_P(Continuations, ACandidateIsForgottenWhenTheJobMovesOnOtherwise) {
  const JobId parent = create(job());
  const JobId child = create(job().after(parent));
  apply(moving(parent, states::deleted()).electing());
  move(child, states::scheduled(1h));
  advance(2h);
  promote();
  EXPECT_EQ(history_of(child), (std::vector<std::string>{"Awaiting", "Scheduled", "Enqueued"}));
}

TEST_P(Continuations, ACandidateWithAnEndingCascadesWhenItIsEntered) {
  const JobId parent = create(job());
  const JobId child = create(job().after(parent));
  const JobId grandchild = create(job().after(child));
  apply(moving(parent, states::deleted()).electing());
  EXPECT_EQ(state_of(grandchild), "Awaiting");
  promote();
  EXPECT_EQ(state_of(child), "Deleted");
  EXPECT_EQ(state_of(grandchild), "Deleted");
}

}  // namespace portfire::conformance
