// Every verb may be sent again when its reply was lost.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;
using testing::moving;

void keep_lost_replies() {}

TEST_P(LostReplies, TheSameTokenAnswersWithTheSameJobs) {
  create_many(3);
  const std::vector<Execution> first = claim(2);
  const std::vector<Execution> again = server().claim_with(server().last_token(), 2);
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(ids_of(again), ids_of(first));
  EXPECT_EQ(again[0].ref, first[0].ref);
  EXPECT_EQ(again[0].name, first[0].name);
  EXPECT_EQ(again[0].claimed_at, first[0].claimed_at);
  EXPECT_EQ(again[0].ready_at, first[0].ready_at);
  EXPECT_EQ(live_count("Enqueued"), 1U);
}

TEST_P(LostReplies, TheSameTokenTakesNothingMore) {
  create(job());
  claim(5);
  create_many(3);
  EXPECT_EQ(server().claim_with(server().last_token(), 5).size(), 1U);
  EXPECT_EQ(live_count("Enqueued"), 3U);
}

TEST_P(LostReplies, ATokenThatFoundNothingFindsNothingAgain) {
  ASSERT_TRUE(claim(5).empty());
  create(job());
  EXPECT_TRUE(server().claim_with(server().last_token(), 5).empty());
  EXPECT_EQ(claim(5).size(), 1U);
}

TEST_P(LostReplies, TheSameTokenLeavesOutWhatIsNoLongerHeld) {
  create_many(4);
  const std::vector<Execution> first = claim(4);
  finish(first[0]);
  release(first[1], ReleaseReason::unstarted);
  move(first[2].ref.job, states::deleted());
  EXPECT_EQ(ids_of(server().claim_with(server().last_token(), 4)), (std::vector{first[3].ref.job}));
}

TEST_P(LostReplies, TheSameTokenLeavesOutWhatWasClaimedAnew) {
  create(job());
  const Execution first = claim_one();
  const std::uint64_t token = server().last_token();
  release(first, ReleaseReason::unstarted);
  new_server().claim_one();
  EXPECT_TRUE(server().claim_with(token, 1).empty());
}

TEST_P(LostReplies, ALowerTokenTakesAndReturnsNothing) {
  create_many(3);
  server().claim_with(5, 1);
  EXPECT_TRUE(server().claim_with(4, 1).empty());
  EXPECT_EQ(live_count("Enqueued"), 2U);
  EXPECT_EQ(server().claim_with(5, 1).size(), 1U);
}

TEST_P(LostReplies, TokensOfDifferentServersAreTheirOwn) {
  create_many(2);
  TestServer first = new_server();
  TestServer second = new_server();
  EXPECT_EQ(first.claim_with(7, 1).size(), 1U);
  EXPECT_EQ(second.claim_with(1, 1).size(), 1U);
}

TEST_P(LostReplies, AnEndSentAgainIsAlreadyApplied) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  const Unit same = unit().move(ending(execution).result("42"));
  ASSERT_EQ(commit(same).status, CommitStatus::applied);
  EXPECT_EQ(commit(same).status, CommitStatus::already_applied);
  EXPECT_EQ(history_of(id), (std::vector<std::string>{"Enqueued", "Processing", "Succeeded"}));
  EXPECT_EQ(lifetime_count("Succeeded"), 1U);
}

TEST_P(LostReplies, AnEndSentAgainInAnotherUnitIsAlreadyApplied) {
  create(job());
  const Execution execution = claim_one();
  finish(execution);
  EXPECT_EQ(finish(execution).status, CommitStatus::already_applied);
}

TEST_P(LostReplies, ARetrySentAgainIsAlreadyAppliedAsLongAsNobodyClaimedTheJob) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  const Unit same = unit().move(ending(execution, states::scheduled(1min)).attempt(1));
  ASSERT_EQ(commit(same).status, CommitStatus::applied);
  EXPECT_EQ(commit(same).status, CommitStatus::already_applied);
  advance(1h);
  promote();
  EXPECT_EQ(commit(same).status, CommitStatus::already_applied);
  EXPECT_EQ(state_of(id), "Enqueued");
  EXPECT_EQ(details(id).attempt, 1U);
}

TEST_P(LostReplies, AnEndThatAlsoCreatedJobsIsAlreadyAppliedEvenAfterTheJobWasClaimedAnew) {
  create(job());
  const Execution execution = claim_one();
  const JobBuilder more = job().queue("more");
  const Unit same = unit().create(more).move(ending(execution, states::enqueued()));
  ASSERT_EQ(commit(same).status, CommitStatus::applied);
  const Execution next = claim_one();
  EXPECT_EQ(commit(same).status, CommitStatus::already_applied);
  EXPECT_EQ(server().held(), (std::vector{next.ref}));
}

TEST_P(LostReplies, ACreationSentAgainIsAlreadyAppliedEvenAfterItsParentWasRemoved) {
  State brief = states::succeeded();
  brief.retention = 1min;
  const JobId parent = create(job().state(brief));
  const Unit same = unit().create(job().after(parent));
  ASSERT_EQ(commit(same).status, CommitStatus::applied);
  advance(30min);
  ASSERT_EQ(jobs().expire(10).removed, 1U);
  EXPECT_EQ(commit(same).status, CommitStatus::already_applied);
  EXPECT_EQ(state_of(same.jobs[0].id), "Enqueued");
}

TEST_P(LostReplies, ACreationSentAgainNamesTheExistingJobsAgain) {
  const JobId holder = create(job().unique("k"));
  const JobBuilder left_out = job().unique("k", OnDuplicate::use_existing);
  const Unit same = unit().create(job()).create(left_out);
  const CommitResult first = commit(same);
  move(holder, states::deleted());
  const CommitResult again = commit(same);
  EXPECT_EQ(again.status, CommitStatus::already_applied);
  EXPECT_EQ(again.existing, first.existing);
  EXPECT_FALSE(exists(left_out.id()));
}

TEST_P(LostReplies, AReleaseSentAgainGivesBackNothingMore) {
  create(job());
  const Execution execution = claim_one();
  EXPECT_EQ(release(execution, ReleaseReason::unstarted), 1U);
  EXPECT_EQ(release(execution, ReleaseReason::unstarted), 0U);
  const Execution next = claim_one();
  EXPECT_EQ(release(execution, ReleaseReason::shutdown), 0U);
  EXPECT_EQ(server().held(), (std::vector{next.ref}));
}

TEST_P(LostReplies, AReclaimSentAgainRequeuesNothingMore) {
  create(job());
  TestServer dead = new_server();
  dead.claim_one();
  EXPECT_EQ(reclaim({dead.id()}).requeued, 1U);
  EXPECT_EQ(reclaim({dead.id()}).requeued, 0U);
  EXPECT_EQ(live_count("Enqueued"), 1U);
}

TEST_P(LostReplies, PoisonWhoseHandOverWasLostIsHeldByTheReclaimer) {
  create(job());
  for (int crash = 0; crash < 2; ++crash) {
    TestServer dead = new_server();
    dead.claim_one();
    const ReclaimResult result = reclaim({dead.id()}, 1);
    ASSERT_EQ(result.poisoned.size(), crash == 0 ? 0U : 1U);
  }
  EXPECT_EQ(server().held().size(), 1U);
}

TEST_P(LostReplies, AJobHandedOutForElectionIsHandedOutAgain) {
  const JobId id = create(job().scheduled(1min));
  advance(1h);
  for (int sent = 0; sent < 2; ++sent) {
    const PromoteResult result = jobs().promote({.elect = true});
    ASSERT_EQ(result.elect.size(), 1U);
    EXPECT_EQ(result.elect[0].job, id);
  }
}

TEST_P(LostReplies, ALogLineSentAgainStandsInTheLogOnce) {
  const JobId id = create(job());
  const auto report = [this](const Execution& execution, std::vector<ReportLine> lines) {
    jobs().report(std::vector{Report{.execution = execution.ref, .lines = std::move(lines)}});
  };
  const auto log = [&] {
    std::vector<std::string> texts;
    for (const LogEntry& entry : monitoring().log(id, 0, 100)) texts.push_back(entry.text);
    return texts;
  };
  const Execution first = claim_one();
  const std::vector<ReportLine> lines{{.text = "one", .number = 1}, {.text = "two", .number = 2}};
  report(first, lines);
  report(first, lines);
  EXPECT_EQ(log(), (std::vector<std::string>{"one", "two"}));
  // Whoever sends it again may have more by then.
  report(first, {lines[1], {.text = "two", .number = 3}});
  EXPECT_EQ(log(), (std::vector<std::string>{"one", "two", "two"}));
  finish(first, states::enqueued());
  // The numbers of another run are its own.
  const Execution second = claim_one();
  report(second, lines);
  report(second, lines);
  EXPECT_EQ(log(), (std::vector<std::string>{"one", "two", "two", "one", "two"}));
}

TEST_P(LostReplies, AnAnnouncementSentAgainChangesNothing) {
  coordination().announce(server().info());
  EXPECT_EQ(coordination().heartbeat(server().id()).servers.size(), 1U);
}

TEST_P(LostReplies, AHeartbeatSentAgainIsOneMoreHeartbeat) {
  const HeartbeatResult first = coordination().heartbeat(server().id());
  const HeartbeatResult second = coordination().heartbeat(server().id());
  ASSERT_TRUE(first.known && second.known);
  EXPECT_EQ(second.servers.at(0).number, first.servers.at(0).number + 1);
}

TEST_P(LostReplies, ARemovalSentAgainDoesNothing) {
  coordination().remove(server().id());
  coordination().remove(server().id());
  EXPECT_TRUE(monitoring().servers().empty());
}

TEST_P(LostReplies, ALockAcquiredAgainByItsOwnerKeepsItsFence) {
  const auto first = coordination().acquire_lock("nightly", "me", 1min);
  const auto again = coordination().acquire_lock("nightly", "me", 1min);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(again->fence, first->fence);
}

}  // namespace portfire::conformance
