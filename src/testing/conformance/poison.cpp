// Jobs that were held by servers that crashed: whom to suspect, whom to blame.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;
using testing::moving;

void keep_poison() {}

namespace {

// A server that claims one job and is never heard of again.
Execution crash_with(TestServer dead, JobStore& store, ServerId by, std::uint32_t crash_limit,
                     ReclaimResult* result = nullptr) {
  Execution execution = dead.claim_one();
  ReclaimResult reclaimed =
      store.reclaim({.servers = {dead.id()}, .by = by, .crash_limit = crash_limit});
  if (result != nullptr) *result = std::move(reclaimed);
  return execution;
}

}  // namespace

TEST_P(Poison, TheFirstCrashBlamesNobody) {
  const JobId id = create(job());
  crash_with(new_server(), jobs(), server().id(), 1);
  EXPECT_TRUE(details(id).suspect);
  EXPECT_EQ(details(id).crashes, 0U);
  EXPECT_EQ(state_of(id), "Enqueued");
}

TEST_P(Poison, ASuspectSaysSoWhenItIsClaimed) {
  create(job());
  EXPECT_FALSE(crash_with(new_server(), jobs(), server().id(), 3).suspect);
  const Execution execution = claim_one();
  EXPECT_TRUE(execution.suspect);
  EXPECT_EQ(execution.crashes, 0U);
}

TEST_P(Poison, ACrashWithASuspectIsBlamedOnIt) {
  const JobId id = create(job());
  for (std::uint32_t crash = 0; crash < 3; ++crash) {
    crash_with(new_server(), jobs(), server().id(), 10);
    EXPECT_EQ(details(id).crashes, crash);
  }
  EXPECT_EQ(claim_one().crashes, 2U);
}

TEST_P(Poison, OnlyThoseThatWereAlreadySuspectAreBlamed) {
  const JobId suspect = create(job().priority(1));
  crash_with(new_server(), jobs(), server().id(), 3);
  const JobId innocent = create(job());
  TestServer dead = new_server();
  ASSERT_EQ(dead.claim(2).size(), 2U);
  reclaim({dead.id()});
  EXPECT_EQ(details(suspect).crashes, 1U);
  EXPECT_EQ(details(innocent).crashes, 0U);
  EXPECT_TRUE(details(innocent).suspect);
}

TEST_P(Poison, AtTheLimitTheJobIsHandedToTheCaller) {
  const JobId id = create(job("work").arguments("[1]").parameter("a", "1"));
  ReclaimResult result;
  for (int crash = 0; crash < 3; ++crash) {
    crash_with(new_server(), jobs(), server().id(), 2, &result);
    ASSERT_EQ(result.poisoned.size(), crash < 2 ? 0U : 1U);
  }
  EXPECT_EQ(result.requeued, 0U);
  const Execution& poison = result.poisoned[0];
  const JobDetails stored = details(id);
  EXPECT_EQ(poison.ref.job, id);
  EXPECT_EQ(poison.ref.epoch, stored.epoch);
  EXPECT_EQ(poison.crashes, 2U);
  EXPECT_TRUE(poison.suspect);
  EXPECT_EQ(poison.arguments, "[1]");
  EXPECT_EQ(poison.parameters, stored.parameters);
  EXPECT_EQ(stored.state, "Processing");
  EXPECT_EQ(stored.server, server().id());
  EXPECT_EQ(server().held(), (std::vector{poison.ref}));
  EXPECT_EQ(finish(poison, states::failed("poison")).status, CommitStatus::applied);
}

TEST_P(Poison, ThePoisonedJobIsHeldUnderANewEpoch) {
  create(job());
  crash_with(new_server(), jobs(), server().id(), 1);
  ReclaimResult result;
  const Execution last = crash_with(new_server(), jobs(), server().id(), 1, &result);
  ASSERT_EQ(result.poisoned.size(), 1U);
  EXPECT_GT(result.poisoned[0].ref.epoch, last.ref.epoch);
  EXPECT_EQ(finish(last).conflict, Conflict::epoch);
}

TEST_P(Poison, TheHandOverIsAStepOfTheHistory) {
  const JobId id = create(job());
  crash_with(new_server(), jobs(), server().id(), 1);
  crash_with(new_server(), jobs(), server().id(), 1);
  const HistoryEntry last = details(id).history.back();
  EXPECT_EQ(last.state, "Processing");
  EXPECT_EQ(last.server, server().id());
}

TEST_P(Poison, WithoutALimitNothingIsPoison) {
  const JobId id = create(job());
  for (int crash = 0; crash < 6; ++crash) crash_with(new_server(), jobs(), server().id(), 0);
  EXPECT_EQ(state_of(id), "Enqueued");
  EXPECT_EQ(details(id).crashes, 5U);
}

TEST_P(Poison, ACallerThatIsNotAnnouncedReceivesNothing) {
  const JobId id = create(job());
  ReclaimResult result;
  for (int crash = 0; crash < 3; ++crash) {
    crash_with(new_server(), jobs(), new_id<ServerId>(), 1, &result);
  }
  EXPECT_TRUE(result.poisoned.empty());
  EXPECT_EQ(result.requeued, 1U);
  EXPECT_EQ(state_of(id), "Enqueued");
}

TEST_P(Poison, FinishingAnExecutionClearsBothMarks) {
  const JobId id = create(job());
  crash_with(new_server(), jobs(), server().id(), 9);
  crash_with(new_server(), jobs(), server().id(), 9);
  finish(claim_one(), states::scheduled(1h));
  EXPECT_FALSE(details(id).suspect);
  EXPECT_EQ(details(id).crashes, 0U);
}

TEST_P(Poison, NothingElseClearsTheMarks) {
  const JobId id = create(job());
  crash_with(new_server(), jobs(), server().id(), 9);
  crash_with(new_server(), jobs(), server().id(), 9);
  const auto marked = [&] { return details(id).suspect && details(id).crashes == 1; };
  release(claim_one(), ReleaseReason::unstarted);
  EXPECT_TRUE(marked()) << "after unstarted";
  release(claim_one(), ReleaseReason::shutdown);
  EXPECT_TRUE(marked()) << "after shutdown";
  move(id, states::failed());
  move(id, states::enqueued());
  EXPECT_TRUE(marked()) << "after a requeue by hand";
  claim_one();
  move(id, states::enqueued());
  EXPECT_TRUE(marked()) << "after it was taken away";
}

TEST_P(Poison, AnEndMayBlameACrashAtOnce) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  State again = states::enqueued("It crashed its server");
  again.data = R"({"signal":11})";
  const Unit blame = unit().move(ending(execution, again).blamed(1));
  EXPECT_EQ(commit(blame).status, CommitStatus::applied);
  EXPECT_EQ(commit(blame).status, CommitStatus::already_applied);
  EXPECT_TRUE(details(id).suspect);
  EXPECT_EQ(details(id).crashes, 1U);
  EXPECT_EQ(details(id).history.back().data, R"({"signal":11})");
  const Execution next = claim_one();
  EXPECT_TRUE(next.suspect);
  EXPECT_EQ(next.crashes, 1U);
  apply(ending(next));
  EXPECT_FALSE(details(id).suspect);
  EXPECT_EQ(details(id).crashes, 0U);
}

TEST_P(Poison, AnEndMayLeaveAJobSuspectWithoutBlame) {
  const JobId id = create(job());
  apply(ending(claim_one(), states::enqueued()).blamed(2));
  apply(ending(claim_one(), states::enqueued()).blamed(0));
  EXPECT_TRUE(details(id).suspect);
  EXPECT_EQ(details(id).crashes, 0U);
  // What is suspect is blamed when its server crashes.
  crash_with(new_server(), jobs(), server().id(), 9);
  EXPECT_EQ(details(id).crashes, 1U);
}

TEST_P(Poison, AnEndThatBlamesMayLetTheJobWaitOrFail) {
  const JobId later = create(job());
  apply(ending(claim_one(), states::scheduled(1h)).blamed(1));
  EXPECT_TRUE(details(later).suspect);
  EXPECT_EQ(details(later).crashes, 1U);
  const JobId failed = create(job());
  apply(ending(claim_one(), states::failed("It crashes its servers")).blamed(3));
  EXPECT_EQ(state_of(failed), "Failed");
  EXPECT_EQ(details(failed).crashes, 3U);
  apply(moving(failed, states::enqueued()));
  EXPECT_EQ(claim_one().crashes, 3U);
}

TEST_P(Poison, AGracefulStopSuspectsNobody) {
  const JobId id = create(job());
  TestServer leaving = new_server();
  leaving.claim_one();
  coordination().remove(leaving.id());
  EXPECT_FALSE(details(id).suspect);
}

TEST_P(Poison, ASuspectGoesAheadOfTheOtherJobsOfItsQueue) {
  const JobId suspect = create(job());
  crash_with(new_server(), jobs(), server().id(), 3);
  const JobId urgent = create(job().priority(100));
  EXPECT_EQ(ids_of(claim(2)), (std::vector{suspect, urgent}));
}

TEST_P(Poison, AtMostOneSuspectIsTakenInAClaim) {
  create_many(3);
  TestServer dead = new_server();
  dead.claim(3);
  reclaim({dead.id()});
  const JobId other = create(job());
  const std::vector<Execution> claimed = claim(10);
  ASSERT_EQ(claimed.size(), 2U);
  EXPECT_TRUE(claimed[0].suspect);
  EXPECT_EQ(claimed[1].ref.job, other);
}

TEST_P(Poison, AtMostOneSuspectIsTakenFromAllQueuesTogether) {
  create(job().queue("a"));
  create(job().queue("b"));
  TestServer dead = new_server();
  dead.claim(2, {"a", "b"});
  reclaim({dead.id()});
  EXPECT_EQ(claim(10, {"a", "b"}).size(), 1U);
}

TEST_P(Poison, NoSuspectIsTakenWhileTheServerHoldsOne) {
  create_many(2);
  TestServer dead = new_server();
  dead.claim(2);
  reclaim({dead.id()});
  const Execution held = claim_one();
  EXPECT_TRUE(claim(10).empty());
  EXPECT_EQ(new_server().claim(10).size(), 1U) << "another server may take the second one";
  finish(held);
}

TEST_P(Poison, TheNextSuspectIsTakenWhenTheFirstHasEnded) {
  create_many(2);
  TestServer dead = new_server();
  dead.claim(2);
  reclaim({dead.id()});
  finish(claim_one());
  EXPECT_EQ(claim(10).size(), 1U);
}

TEST_P(Poison, OlderSuspectsComeFirst) {
  const std::vector<JobId> created = create_many(3);
  TestServer dead = new_server();
  dead.claim(3);
  reclaim({dead.id()});
  TestServer next = new_server();
  for (const JobId expected : created) {
    const Execution execution = next.claim_one();
    EXPECT_EQ(execution.ref.job, expected);
    finish(execution);
  }
}

}  // namespace portfire::conformance
