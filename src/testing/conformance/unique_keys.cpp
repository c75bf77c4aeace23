// At most one job holds a key at a time.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::moving;

void keep_unique_keys() {}

TEST_P(UniqueKeys, AHeldKeyRejectsTheUnitAndNamesTheHolder) {
  const JobId holder = create(job().unique("welcome:ann"));
  const JobBuilder other = job();
  const JobBuilder again = job().unique("welcome:ann");
  const CommitResult result = commit(unit().create(other).create(again));
  EXPECT_EQ(result.status, CommitStatus::rejected);
  EXPECT_EQ(result.rejection, Rejection::unique_key);
  EXPECT_EQ(result.job, again.id());
  EXPECT_EQ(result.holder, holder);
  EXPECT_FALSE(exists(again.id()));
  EXPECT_FALSE(exists(other.id()));
}

TEST_P(UniqueKeys, AHeldKeyMayAnswerWithTheExistingJobInstead) {
  const JobId holder = create(job().unique("k"));
  const JobBuilder other = job();
  const JobBuilder again = job().unique("k", OnDuplicate::use_existing);
  const CommitResult result = commit(unit().create(again).create(other));
  EXPECT_EQ(result.status, CommitStatus::applied);
  EXPECT_EQ(result.existing, (std::vector<CommitResult::Existing>{{again.id(), holder}}));
  EXPECT_FALSE(exists(again.id()));
  EXPECT_TRUE(exists(other.id())) << "the rest of the unit goes ahead";
  EXPECT_EQ(lifetime_count("Created"), 2U);
}

TEST_P(UniqueKeys, AFreeKeyIsTakenWhateverShouldHappenToDuplicates) {
  const JobBuilder first = job().unique("k", OnDuplicate::use_existing);
  const CommitResult result = commit(unit().create(first));
  EXPECT_EQ(result.status, CommitStatus::applied);
  EXPECT_TRUE(result.existing.empty());
  EXPECT_EQ(details(first.id()).unique_key, "k");
}

TEST_P(UniqueKeys, JobsWithoutAKeyAreNeverDuplicates) {
  create(job().unique(""));
  EXPECT_EQ(commit(unit().create(job().unique(""))).status, CommitStatus::applied);
}

TEST_P(UniqueKeys, KeysDifferByEveryByte) {
  create(job().unique("key"));
  for (const std::string& other : {std::string{"Key"}, std::string{"key "}, std::string{"ke"},
                                   std::string{"clé"}, std::string(200, 'k')}) {
    EXPECT_EQ(commit(unit().create(job().unique(other))).status, CommitStatus::applied) << other;
  }
  EXPECT_EQ(commit(unit().create(job().unique(std::string(200, 'k')))).status,
            CommitStatus::rejected);
}

TEST_P(UniqueKeys, AKeyHoldsInTheWholeStorage) {
  create(job("a").queue("one").unique("k"));
  EXPECT_EQ(commit(unit().create(job("b").queue("two").unique("k"))).status,
            CommitStatus::rejected);
}

TEST_P(UniqueKeys, EqualKeysInOneUnitSeeEachOther) {
  const JobBuilder first = job().unique("k");
  const JobBuilder second = job().unique("k", OnDuplicate::use_existing);
  const CommitResult result = commit(unit().create(first).create(second));
  EXPECT_EQ(result.status, CommitStatus::applied);
  EXPECT_EQ(result.existing, (std::vector<CommitResult::Existing>{{second.id(), first.id()}}));
}

TEST_P(UniqueKeys, EqualKeysInOneCallSeeEachOther) {
  const JobBuilder first = job().unique("k");
  const JobBuilder second = job().unique("k");
  const std::vector<Unit> units{unit().create(first), unit().create(second)};
  const std::vector<CommitResult> results = jobs().commit(units);
  EXPECT_EQ(results.at(0).status, CommitStatus::applied);
  EXPECT_EQ(results.at(1).status, CommitStatus::rejected);
  EXPECT_EQ(results.at(1).holder, first.id());
}

TEST_P(UniqueKeys, ARefusedUnitTakesNoKey) {
  commit(unit().create(job().unique("k")).move(moving(new_id<JobId>(), states::deleted())));
  EXPECT_EQ(commit(unit().create(job().unique("k"))).status, CommitStatus::applied);
}

TEST_P(UniqueKeys, ARefusedUnitOpensNoWindow) {
  commit(unit()
             .create(job().unique("k").held_for(1h))
             .move(moving(new_id<JobId>(), states::deleted())));
  EXPECT_EQ(commit(unit().create(job().unique("k"))).status, CommitStatus::applied);
}

TEST_P(UniqueKeys, ARefusedUnitTakesNoKeyFromItsLastHolder) {
  const JobId last = create(job().unique("k"));
  finish(claim_one());
  commit(unit().create(job().unique("k")).move(moving(new_id<JobId>(), states::deleted())));
  move(last, states::enqueued());
  EXPECT_EQ(commit(unit().create(job().unique("k"))).holder, last);
}

TEST_P(UniqueKeys, TheSameUnitSentAgainIsNotItsOwnDuplicate) {
  const Unit same = unit().create(job().unique("k"));
  commit(same);
  EXPECT_EQ(commit(same).status, CommitStatus::already_applied);
}

TEST_P(UniqueKeys, AKeyIsHeldFromCreationUntilTheJobHasRun) {
  const JobId parent = create(job().queue("parents"));
  const JobId holder = create(job().unique("k").after(parent).when_met(states::scheduled(1h)));
  const auto is_held = [&] {
    const CommitResult result = commit(unit().create(job().unique("k")));
    return result.status == CommitStatus::rejected && result.holder == holder;
  };
  EXPECT_TRUE(is_held()) << "waiting";
  move(parent, states::succeeded());
  EXPECT_TRUE(is_held()) << "timed";
  advance(1h);
  promote();
  EXPECT_TRUE(is_held()) << "ready";
  const Execution execution = claim_one();
  EXPECT_TRUE(is_held()) << "running";
  finish(execution);
  EXPECT_FALSE(is_held()) << "final";
}

TEST_P(UniqueKeys, AParkedJobHoldsItsKeyOnlyWhenToldSo) {
  create(job().unique("free").state(states::failed()));
  EXPECT_EQ(commit(unit().create(job().unique("free"))).status, CommitStatus::applied);
  create(job().unique("held").held_while({StateKind::parked}).state(states::failed()));
  EXPECT_EQ(commit(unit().create(job().unique("held"))).status, CommitStatus::rejected);
}

TEST_P(UniqueKeys, TheHoldersWishCountsNotTheNewcomers) {
  create(job().unique("k").held_while({StateKind::ready}));
  claim_one();
  const StateKinds all{StateKind::ready, StateKind::running};
  EXPECT_EQ(commit(unit().create(job().unique("k").held_while(all))).status, CommitStatus::applied);
}

TEST_P(UniqueKeys, AWindowHoldsTheKeyWhateverTheState) {
  const JobId holder = create(job().unique("k").held_for(1h));
  finish(claim_one());
  advance(30min);
  EXPECT_EQ(commit(unit().create(job().unique("k"))).holder, holder);
  advance(30min);
  EXPECT_EQ(commit(unit().create(job().unique("k"))).status, CommitStatus::applied);
}

TEST_P(UniqueKeys, AWindowHoldsTheKeyOfARemovedJob) {
  State brief = states::succeeded();
  brief.retention = 1min;
  const JobId holder = create(job().unique("k").held_for(10h).state(brief));
  advance(1h);
  ASSERT_EQ(jobs().expire(10).removed, 1U);
  const CommitResult result = commit(unit().create(job().unique("k")));
  EXPECT_EQ(result.rejection, Rejection::unique_key);
  EXPECT_EQ(result.holder, holder);
}

TEST_P(UniqueKeys, AWindowEndsEvenWhileTheJobIsAlive) {
  create(job().unique("k").held_for(1h));
  advance(1h);
  EXPECT_EQ(commit(unit().create(job().unique("k"))).status, CommitStatus::applied);
}

TEST_P(UniqueKeys, AWindowCountsFromCreation) {
  create(job().unique("k").held_for(1h));
  advance(50min);
  finish(claim_one(), states::enqueued());
  advance(20min);
  EXPECT_EQ(commit(unit().create(job().unique("k"))).status, CommitStatus::applied);
}

TEST_P(UniqueKeys, AKeyThatIsNotHeldIsTakenOver) {
  create(job().unique("k"));
  finish(claim_one());
  const JobId second = create(job().unique("k"));
  EXPECT_EQ(commit(unit().create(job().unique("k"))).holder, second);
}

TEST_P(UniqueKeys, AKeyPointsToItsLastHolder) {
  const JobId first = create(job().unique("k"));
  finish(claim_one());
  const JobId second = create(job().unique("k"));
  move(first, states::enqueued());
  EXPECT_EQ(commit(unit().create(job().unique("k"))).holder, second);
  move(second, states::deleted());
  EXPECT_EQ(commit(unit().create(job().unique("k"))).status, CommitStatus::applied)
      << "the first job lost the key when the second took it";
}

TEST_P(UniqueKeys, ARequeuedHolderHoldsItsKeyAgain) {
  const JobId holder = create(job().unique("k"));
  finish(claim_one());
  move(holder, states::enqueued());
  EXPECT_EQ(commit(unit().create(job().unique("k"))).holder, holder);
}

}  // namespace portfire::conformance
