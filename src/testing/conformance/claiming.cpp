// Who gets which job, and in which order.

#include <functional>

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::moving;

void keep_claiming() {}

TEST_P(Claiming, AClaimedJobComesWithAllThatRunningItTakes) {
  const JobId id = create(
      job("mail.send").queue("mail").priority(-3).arguments("[1]").parameter("culture", R"("fr")"));
  const Execution execution = claim_one("mail");
  const JobDetails stored = details(id);
  EXPECT_EQ(execution.ref.job, id);
  EXPECT_EQ(execution.ref.epoch, 1U);
  EXPECT_EQ(execution.name, "mail.send");
  EXPECT_EQ(execution.queue, "mail");
  EXPECT_EQ(execution.priority, -3);
  EXPECT_EQ(execution.arguments, "[1]");
  EXPECT_EQ(execution.parameters, stored.parameters);
  EXPECT_EQ(execution.attempt, 0U);
  EXPECT_EQ(execution.created_at, stored.created_at);
  EXPECT_EQ(execution.ready_at, stored.created_at);
  EXPECT_EQ(execution.claimed_at, stored.since);
  EXPECT_FALSE(execution.suspect);
  EXPECT_EQ(execution.crashes, 0U);
}

TEST_P(Claiming, AClaimedJobIsHeldByItsServer) {
  const JobId id = create(job());
  const TimePoint before = now();
  const Execution execution = claim_one();
  const JobDetails stored = details(id);
  EXPECT_EQ(stored.state, "Processing");
  EXPECT_EQ(stored.kind, StateKind::running);
  EXPECT_EQ(stored.server, server().id());
  EXPECT_EQ(stored.epoch, 1U);
  EXPECT_GE(stored.since, before);
  EXPECT_EQ(server().held(), (std::vector{execution.ref}));
}

TEST_P(Claiming, EachClaimOfAJobRaisesItsEpochByOne) {
  create(job());
  const Execution first = claim_one();
  finish(first, states::enqueued());
  EXPECT_EQ(claim_one().ref.epoch, first.ref.epoch + 1);
}

TEST_P(Claiming, NoJobIsClaimedTwice) {
  create(job());
  claim_one();
  EXPECT_TRUE(claim(10).empty());
  EXPECT_TRUE(new_server().claim(10).empty());
}

TEST_P(Claiming, OlderJobsComeFirst) {
  const std::vector<JobId> created = create_many(5);
  EXPECT_EQ(ids_of(claim(5)), created);
}

TEST_P(Claiming, HigherPriorityComesBeforeOlderPosition) {
  const JobId low = create(job().priority(-100));
  const JobId normal = create(job());
  const JobId high = create(job().priority(100));
  const JobId high_later = create(job().priority(100));
  EXPECT_EQ(ids_of(claim(4)), (std::vector{high, high_later, normal, low}));
}

TEST_P(Claiming, QueuesAreServedInTheOrderRequested) {
  const JobId in_a = create(job().queue("a").priority(50));
  const JobId in_b = create(job().queue("b"));
  const JobId in_c = create(job().queue("c").priority(100));
  EXPECT_EQ(ids_of(claim(3, {"b", "a", "c"})), (std::vector{in_b, in_a, in_c}));
}

TEST_P(Claiming, ALaterQueueGetsOnlyWhatAnEarlierOneLeaves) {
  const std::vector<JobId> first = create_many(2, "first");
  const std::vector<JobId> second = create_many(2, "second");
  EXPECT_EQ(ids_of(claim(3, {"first", "second"})), (std::vector{first[0], first[1], second[0]}));
  EXPECT_EQ(ids_of(claim(3, {"first", "second"})), (std::vector{second[1]}));
}

TEST_P(Claiming, QueuesNotRequestedGiveNothing) {
  create(job().queue("other"));
  EXPECT_TRUE(claim(10, {"default"}).empty());
  EXPECT_TRUE(claim(10, {"othe"}).empty());
  EXPECT_TRUE(claim(10, {}).empty());
}

TEST_P(Claiming, NoMoreThanTheMaximumIsTaken) {
  create_many(3);
  EXPECT_EQ(claim(2).size(), 2U);
  EXPECT_EQ(live_count("Enqueued"), 1U);
}

TEST_P(Claiming, OnlyReadyJobsAreTaken) {
  const JobId parent = create(job().scheduled(1h));
  create(job().after(parent));
  create(job().state(states::failed()));
  create(job().state(states::deleted()));
  EXPECT_TRUE(claim(10).empty());
}

TEST_P(Claiming, AUserDefinedReadyStateIsClaimedLikeEnqueued) {
  const JobId id = create(job().state(custom_state("Warmed up", StateKind::ready)));
  EXPECT_EQ(claim_one().ref.job, id);
  EXPECT_EQ(state_of(id), "Processing");
}

TEST_P(Claiming, AJobThatBecomesReadyAgainGoesToTheTail) {
  const JobId first = create(job());
  const JobId second = create(job());
  finish(claim_one(), states::enqueued("again"));
  EXPECT_EQ(ids_of(claim(2)), (std::vector{second, first}));
}

TEST_P(Claiming, AReadyJobThatEntersAReadyStateGoesToTheTail) {
  const JobId first = create(job());
  const JobId second = create(job());
  move(first, states::enqueued("back of the line"));
  EXPECT_EQ(ids_of(claim(2)), (std::vector{second, first}));
}

TEST_P(Claiming, ReadyAtIsWhenTheJobLastBecameReady) {
  const JobId id = create(job());
  advance(1h);
  move(id, states::enqueued());
  const TimePoint ready_at = details(id).since;
  advance(1h);
  const Execution execution = claim_one();
  EXPECT_EQ(execution.ready_at, ready_at);
  EXPECT_GE(execution.claimed_at, ready_at + 1h);
  EXPECT_GE(execution.ready_at, execution.created_at + 1h);
}

TEST_P(Claiming, APausedQueueGivesNothing) {
  create(job());
  ASSERT_TRUE(coordination().set_queue({.name = "default", .paused = true}));
  EXPECT_TRUE(claim(10).empty());
  ASSERT_TRUE(coordination().set_queue({.name = "default", .paused = false, .version = 1}));
  EXPECT_EQ(claim(10).size(), 1U);
}

TEST_P(Claiming, APausedQueueDoesNotHoldUpTheOthers) {
  create(job().queue("paused"));
  const JobId other = create(job());
  ASSERT_TRUE(coordination().set_queue({.name = "paused", .paused = true}));
  EXPECT_EQ(ids_of(claim(10, {"paused", "default"})), (std::vector{other}));
}

TEST_P(Claiming, AJobMovedToAnotherQueueIsClaimedThere) {
  const JobId id = create(job());
  apply(moving(id, states::enqueued()).queue("other").priority(9));
  EXPECT_TRUE(claim(10).empty());
  const Execution execution = claim_one("other");
  EXPECT_EQ(execution.queue, "other");
  EXPECT_EQ(execution.priority, 9);
}

TEST_P(Claiming, AServerThatIsNotAnnouncedGetsNothing) {
  create(job());
  const ServerId stranger = new_id<ServerId>();
  EXPECT_TRUE(jobs()
                  .claim({.server = stranger, .token = 1, .queues = {"default"}, .max = 1})
                  .executions.empty());
  EXPECT_EQ(live_count("Enqueued"), 1U);
}

TEST_P(Claiming, AServerThatWasRemovedGetsNothing) {
  create(job());
  TestServer gone = new_server();
  coordination().remove(gone.id());
  EXPECT_TRUE(gone.claim(1).empty());
}

TEST_P(Claiming, AServerNeedNotKnowTheNameOfAJobInThePlainLane) {
  create(job("unknown to everybody"));
  EXPECT_EQ(claim(1).size(), 1U);
}

TEST_P(Claiming, AJobWithoutHandlerWaitsForAServerThatKnowsItsName) {
  const JobId id = create(job("rare"));
  ASSERT_EQ(release(claim_one(), ReleaseReason::no_handler), 1U);
  EXPECT_TRUE(claim(10).empty());
  EXPECT_EQ(new_server({"rare"}).claim_one().ref.job, id);
}

TEST_P(Claiming, AServerMayLearnAName) {
  create(job("rare"));
  release(claim_one(), ReleaseReason::no_handler);
  ServerInfo info = server().info();
  info.job_names.emplace_back("rare");
  coordination().announce(info);
  EXPECT_EQ(claim(10).size(), 1U);
}

TEST_P(Claiming, ANamedLaneBelongsToItsQueue) {
  create(job("rare").queue("a"));
  release(claim_one("a"), ReleaseReason::no_handler);
  TestServer expert = new_server({"rare"});
  EXPECT_TRUE(expert.claim(10, {"b"}).empty());
  EXPECT_EQ(expert.claim(10, {"a"}).size(), 1U);
}

TEST_P(Claiming, JobsInNamedLanesTakePartLikeAllOthers) {
  const JobId rare_old = create(job("rare"));
  const JobId rare_urgent = create(job("rare").priority(5));
  for (const Execution& execution : claim(2)) release(execution, ReleaseReason::no_handler);
  const JobId plain = create(job("plain"));
  const JobId plain_urgent = create(job("plain").priority(5));
  EXPECT_EQ(ids_of(new_server({"rare", "plain"}).claim(4)),
            (std::vector{rare_urgent, plain_urgent, rare_old, plain}));
}

TEST_P(Claiming, EnteringAReadyStateLeadsBackToThePlainLane) {
  const JobId id = create(job("rare"));
  release(claim_one(), ReleaseReason::no_handler);
  EXPECT_TRUE(details(id).no_handler);
  move(id, states::enqueued());
  EXPECT_FALSE(details(id).no_handler);
  EXPECT_EQ(claim_one().ref.job, id);
}

TEST_P(Claiming, HeldListsTheOldestClaimFirst) {
  create_many(3);
  const Execution first = claim_one();
  advance(1s);
  const Execution second = claim_one();
  advance(1s);
  const Execution third = claim_one();
  finish(second);
  EXPECT_EQ(server().held(), (std::vector{first.ref, third.ref}));
  EXPECT_TRUE(jobs().held(new_id<ServerId>()).empty());
}

TEST_P(Claiming, PriorityHoldsWithinLargeBacklogs) {
  UnitBuilder all = unit();
  std::map<int, std::vector<JobId>, std::greater<>> by_priority;
  for (int made = 0; made < 300; ++made) {
    const int priority = made * 7 % 11 - 5;
    const JobBuilder one = job().priority(priority);
    all.create(one);
    by_priority[priority].push_back(one.id());
  }
  commit(all);
  std::vector<JobId> expected;
  for (const auto& [priority, ids] : by_priority) {
    expected.insert(expected.end(), ids.begin(), ids.end());
  }
  std::vector<JobId> claimed;
  for (int round = 0; round < 3; ++round) {
    for (const JobId id : ids_of(claim(100))) claimed.push_back(id);
  }
  EXPECT_EQ(claimed, expected);
}

}  // namespace portfire::conformance
