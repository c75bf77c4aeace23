// A later call that takes the place of an earlier one.

#include <portfire/error.hpp>
#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::moving;

namespace {

testing::JobBuilder replacing(testing::JobBuilder job, const std::string& key = "k") {
  return job.unique(key, OnDuplicate::replace);
}

}  // namespace

void keep_replacing() {}

void Replacing::create_or_replace(const NewJob& job) {
  ASSERT_EQ(commit(unit().create(job)).status, CommitStatus::applied);
}

TEST_P(Replacing, AFreeKeyIsTaken) {
  const JobBuilder first = replacing(job());
  const CommitResult result = commit(unit().create(first));
  EXPECT_EQ(result.status, CommitStatus::applied);
  EXPECT_TRUE(result.existing.empty());
  EXPECT_EQ(state_of(first.id()), "Enqueued");
}

TEST_P(Replacing, TheHolderBecomesWhatTheLaterOneWouldHaveBeen) {
  const JobId holder = create(replacing(job().arguments("[1]").parameter("old", "1")));
  const JobBuilder later = replacing(job()
                                         .arguments("[2]")
                                         .parameter("new", "2")
                                         .queue("other")
                                         .priority(7)
                                         .scheduled(1h)
                                         .instead_of(states::enqueued()));
  const CommitResult result = commit(unit().create(later));
  EXPECT_EQ(result.status, CommitStatus::applied);
  EXPECT_EQ(result.existing, (std::vector<CommitResult::Existing>{{later.id(), holder}}));
  EXPECT_FALSE(exists(later.id()));
  const JobDetails now_it_is = details(holder);
  EXPECT_EQ(now_it_is.arguments, "[2]");
  EXPECT_EQ(now_it_is.parameters, (std::map<std::string, std::string>{{"new", "2"}}));
  EXPECT_EQ(now_it_is.queue, "other");
  EXPECT_EQ(now_it_is.priority, 7);
  EXPECT_EQ(now_it_is.state, "Scheduled");
  EXPECT_EQ(now_it_is.reason, reasons::replaced);
  EXPECT_EQ(history_of(holder), (std::vector<std::string>{"Enqueued", "(Enqueued)", "Scheduled"}));
  EXPECT_EQ(lifetime_count("Created"), 1U);
  EXPECT_TRUE(claim(10).empty());
  advance(1h);
  promote();
  const Execution execution = server().claim_one("other");
  EXPECT_EQ(execution.ref.job, holder);
  EXPECT_EQ(execution.arguments, "[2]");
}

TEST_P(Replacing, ALaterReasonIsKept) {
  const JobId holder = create(replacing(job()));
  create_or_replace(replacing(job().state(states::enqueued("asked again"))));
  EXPECT_EQ(details(holder).reason, "asked again");
}

TEST_P(Replacing, EachCallPutsTheTimeOff) {
  const JobId holder = create(replacing(job().scheduled(1min)));
  for (int i = 0; i < 3; ++i) {
    advance(50s);
    EXPECT_EQ(promote().promoted, 0U);
    create_or_replace(replacing(job().scheduled(1min)));
  }
  advance(1min);
  EXPECT_EQ(promote().promoted, 1U);
  EXPECT_EQ(claim_one().ref.job, holder);
}

TEST_P(Replacing, ARunningHolderRejectsTheLaterOne) {
  const JobId holder = create(replacing(job().arguments("[1]")));
  const Execution execution = claim_one();
  const CommitResult result = commit(unit().create(replacing(job().arguments("[2]"))));
  EXPECT_EQ(result.status, CommitStatus::rejected);
  EXPECT_EQ(result.rejection, Rejection::unique_key);
  EXPECT_EQ(result.holder, holder);
  EXPECT_EQ(details(holder).arguments, "[1]");
  EXPECT_EQ(finish(execution).status, CommitStatus::applied);
}

TEST_P(Replacing, AHolderThatLetsGoWhenItRunsLeavesTheKeyToANewJob) {
  const StateKinds before{StateKind::ready, StateKind::timed};
  create(replacing(job().held_while(before)));
  claim_one();
  const JobBuilder second = replacing(job().held_while(before));
  EXPECT_TRUE(commit(unit().create(second)).existing.empty());
  EXPECT_TRUE(exists(second.id()));
}

TEST_P(Replacing, AHolderOfAnotherNameRejectsTheLaterOne) {
  const JobId holder = create(replacing(job("one")));
  const CommitResult result = commit(unit().create(replacing(job("two"))));
  EXPECT_EQ(result.status, CommitStatus::rejected);
  EXPECT_EQ(result.holder, holder);
}

TEST_P(Replacing, AHolderThatHasEndedRejectsTheLaterOne) {
  const JobId holder = create(replacing(job()).held_for(1h));
  finish(claim_one());
  const CommitResult result = commit(unit().create(replacing(job())));
  EXPECT_EQ(result.status, CommitStatus::rejected);
  EXPECT_EQ(result.holder, holder);
  EXPECT_EQ(state_of(holder), "Succeeded");
}

TEST_P(Replacing, AttemptsBeginAnew) {
  const JobId holder = create(replacing(job()));
  const Execution execution = claim_one();
  apply(testing::ending(execution, states::scheduled(1h)).attempt(3));
  ASSERT_EQ(details(holder).attempt, 3U);
  create_or_replace(replacing(job()));
  EXPECT_EQ(claim_one().attempt, 0U);
}

TEST_P(Replacing, AContinuationThatIsReplacedWaitsForNobody) {
  const JobId parent = create(job().queue("parents"));
  const JobId holder = create(job().unique("k").after(parent));
  create_or_replace(replacing(job()));
  EXPECT_EQ(state_of(holder), "Enqueued");
  EXPECT_TRUE(details(holder).parents.empty());
  EXPECT_TRUE(details(parent).children.empty());
  finish(claim_one());
  move(parent, states::deleted());
  EXPECT_EQ(state_of(holder), "Succeeded");
}

TEST_P(Replacing, ContinuationsOfTheHolderGoOnWaitingForIt) {
  const JobId holder = create(replacing(job()));
  const JobId child = create(job().after(holder));
  create_or_replace(replacing(job()));
  EXPECT_EQ(state_of(child), "Awaiting");
  finish(claim_one());
  EXPECT_EQ(state_of(child), "Enqueued");
}

TEST_P(Replacing, TheHolderStaysInItsBatchAndItsLimit) {
  const JobBuilder batch = job("batch").as_batch();
  const JobBuilder member = job().in(batch.id()).unique("k").limited("l");
  commit(unit().create(batch).create(member));
  create_or_replace(replacing(job().arguments("[2]")));
  const JobDetails holder = details(member.id());
  EXPECT_EQ(holder.batch, batch.id());
  EXPECT_EQ(holder.limit_key, "l");
  finish(claim_one());
  EXPECT_EQ(state_of(batch.id()), "BatchSucceeded");
}

TEST_P(Replacing, WhoStandsInLineMayBeReplaced) {
  create(job().limited("l"));
  const JobId holder = create(job().unique("k").limited("l").arguments("[1]"));
  create_or_replace(replacing(job().arguments("[2]")));
  EXPECT_EQ(state_of(holder), "Awaiting");
  EXPECT_TRUE(details(holder).in_line);
  finish(claim_one());
  EXPECT_EQ(claim_one().arguments, "[2]");
}

TEST_P(Replacing, OneUnitMayReplaceWhatItCreates) {
  const JobBuilder first = replacing(job().arguments("[1]"));
  const JobBuilder second = replacing(job().arguments("[2]"));
  const CommitResult result = commit(unit().create(first).create(second));
  EXPECT_EQ(result.existing, (std::vector<CommitResult::Existing>{{second.id(), first.id()}}));
  EXPECT_EQ(details(first.id()).arguments, "[2]");
}

TEST_P(Replacing, ARefusedUnitReplacesNothing) {
  const JobId holder = create(replacing(job().arguments("[1]")));
  const CommitResult result = commit(unit()
                                         .create(replacing(job().arguments("[2]").scheduled(1h)))
                                         .move(moving(new_id<JobId>(), states::deleted())));
  EXPECT_EQ(result.status, CommitStatus::conflict);
  EXPECT_EQ(details(holder).arguments, "[1]");
  EXPECT_EQ(state_of(holder), "Enqueued");
  EXPECT_EQ(claim_one().ref.job, holder);
}

TEST_P(Replacing, ARefusedUnitLeavesTheHolderWaiting) {
  const JobId parent = create(job().queue("parents"));
  const JobId holder = create(job().unique("k").after(parent));
  const CommitResult result =
      commit(unit().create(replacing(job())).move(moving(new_id<JobId>(), states::deleted())));
  EXPECT_EQ(result.status, CommitStatus::conflict);
  EXPECT_EQ(details(holder).parents.size(), 1U);
  EXPECT_EQ(details(parent).children, (std::vector{holder}));
  move(parent, states::succeeded());
  EXPECT_EQ(state_of(holder), "Enqueued");
}

TEST_P(Replacing, WhatHasEndedAtOnceLetsTheContinuationsOfTheHolderGo) {
  const JobId holder = create(replacing(job()));
  const JobId child = create(job().after(holder));
  create_or_replace(replacing(job().state(states::succeeded())));
  EXPECT_EQ(state_of(holder), "Succeeded");
  EXPECT_EQ(state_of(child), "Enqueued");
}

TEST_P(Replacing, TheSameUnitSentAgainReplacesNothing) {
  const JobId holder = create(replacing(job().arguments("[1]")));
  const JobBuilder second = replacing(job().arguments("[2]"));
  const Unit same = unit().create(second);
  commit(same);
  create_or_replace(replacing(job().arguments("[3]")));
  const CommitResult again = commit(same);
  EXPECT_EQ(again.status, CommitStatus::already_applied);
  EXPECT_EQ(again.existing, (std::vector<CommitResult::Existing>{{second.id(), holder}}));
  EXPECT_EQ(details(holder).arguments, "[3]");
}

TEST_P(Replacing, WhatCannotReplaceIsRefusedWithAMessage) {
  const JobId parent = create(job());
  const JobId batch = create(job("batch").as_batch());
  EXPECT_THROW(create(replacing(job().after(parent))), UsageError);
  EXPECT_THROW(create(replacing(job().in(batch))), UsageError);
  EXPECT_THROW(create(replacing(job("batch").as_batch())), UsageError);
  EXPECT_THROW(create(replacing(job(), std::string(201, 'k'))), UsageError);
}

}  // namespace portfire::conformance
