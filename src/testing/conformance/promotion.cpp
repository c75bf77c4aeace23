// Jobs that wait for an instant.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::moving;

void keep_promotion() {}

TEST_P(Promotion, AScheduledJobFallsDueAfterItsDelay) {
  const JobId id = create(job().scheduled(1h));
  const JobDetails stored = details(id);
  EXPECT_EQ(stored.kind, StateKind::timed);
  EXPECT_EQ(stored.due_at, stored.since + 1h);
  advance(55min);
  EXPECT_EQ(promote().promoted, 0U);
  EXPECT_EQ(state_of(id), "Scheduled");
  advance(5min);
  EXPECT_EQ(promote().promoted, 1U);
  EXPECT_EQ(state_of(id), "Enqueued");
}

TEST_P(Promotion, AScheduledJobFallsDueAtItsInstant) {
  const TimePoint due = now() + 2h;
  const JobId id = create(job().scheduled(due));
  EXPECT_EQ(details(id).due_at, due);
  advance(1h);
  EXPECT_EQ(promote().promoted, 0U);
  advance(1h);
  EXPECT_EQ(promote().promoted, 1U);
}

TEST_P(Promotion, AnInstantInThePastIsDueAtOnce) {
  create(job().scheduled(now() - 1h));
  EXPECT_EQ(promote().promoted, 1U);
}

TEST_P(Promotion, ARetryFallsDueLikeAnyOtherTimedJob) {
  const JobId id = create(job());
  finish(claim_one(), states::scheduled(10min, "retry"));
  EXPECT_EQ(details(id).due_at, details(id).since + 10min);
  advance(10min);
  promote();
  EXPECT_EQ(claim_one().ref.job, id);
}

TEST_P(Promotion, APromotedJobIsEnqueuedBecauseItFellDue) {
  const JobId id = create(job().scheduled(1h));
  advance(2h);
  promote();
  const JobDetails stored = details(id);
  EXPECT_EQ(stored.state, "Enqueued");
  EXPECT_EQ(stored.kind, StateKind::ready);
  EXPECT_EQ(stored.reason, reasons::due);
  EXPECT_FALSE(stored.due_at);
  EXPECT_EQ(history_of(id), (std::vector<std::string>{"Scheduled", "Enqueued"}));
}

TEST_P(Promotion, AUserDefinedTimedStateFallsDueToo) {
  State state = custom_state("Cooling down", StateKind::timed);
  state.due_in = 1h;
  const JobId id = create(job().state(state));
  advance(1h);
  promote();
  EXPECT_EQ(state_of(id), "Enqueued");
}

TEST_P(Promotion, APromotedJobGoesToTheTailOfItsQueue) {
  const JobId early = create(job().scheduled(1h));
  const JobId ready = create(job());
  advance(1h);
  promote();
  EXPECT_EQ(ids_of(claim(2)), (std::vector{ready, early}));
}

TEST_P(Promotion, TheEarliestComeFirst) {
  const JobId third = create(job().scheduled(3h));
  const JobId first = create(job().scheduled(1h));
  const JobId second = create(job().scheduled(2h));
  advance(4h);
  promote();
  EXPECT_EQ(ids_of(claim(3)), (std::vector{first, second, third}));
}

TEST_P(Promotion, JobsDueAtTheSameInstantMoveOnInTheOrderOfTheirCreation) {
  const TimePoint due = now() + 1h;
  std::vector<JobId> created;
  for (int made = 0; made < 8; ++made) {
    created.push_back(create(job().priority(made % 3)));
  }
  for (std::size_t at = created.size(); at > 0; --at) {
    apply(moving(created[at - 1], states::scheduled(due)).priority(0));
  }
  advance(1h);
  jobs().promote({.max = 3});
  promote();
  EXPECT_EQ(ids_of(claim(8)), created);
}

TEST_P(Promotion, NoMoreThanTheMaximumAreMoved) {
  const JobId first = create(job().scheduled(1h));
  const JobId second = create(job().scheduled(2h));
  advance(3h);
  const PromoteResult result = jobs().promote({.max = 1});
  EXPECT_EQ(result.promoted, 1U);
  EXPECT_EQ(result.next_due_in, Duration::zero());
  EXPECT_EQ(state_of(first), "Enqueued");
  EXPECT_EQ(state_of(second), "Scheduled");
}

TEST_P(Promotion, TheAnswerTellsWhenTheNextJobFallsDue) {
  create(job().scheduled(2h));
  create(job().scheduled(1h));
  const PromoteResult result = promote();
  ASSERT_TRUE(result.next_due_in);
  EXPECT_LE(*result.next_due_in, 1h);
  EXPECT_GT(*result.next_due_in, 30min);
}

TEST_P(Promotion, WithoutTimedJobsNothingFallsDue) {
  create(job());
  EXPECT_FALSE(promote().next_due_in);
}

TEST_P(Promotion, AMovedDueTimeCounts) {
  const JobId id = create(job().scheduled(1h));
  move(id, states::scheduled(5h));
  advance(2h);
  EXPECT_EQ(promote().promoted, 0U);
  advance(4h);
  EXPECT_EQ(promote().promoted, 1U);
}

TEST_P(Promotion, AJobThatLeftItsTimedStateDoesNotFallDue) {
  const JobId id = create(job().scheduled(1h));
  move(id, states::failed());
  EXPECT_FALSE(details(id).due_at);
  advance(2h);
  const PromoteResult result = promote();
  EXPECT_EQ(result.promoted, 0U);
  EXPECT_FALSE(result.next_due_in);
  EXPECT_EQ(state_of(id), "Failed");
}

TEST_P(Promotion, ForAnElectionDueJobsAreHandedOutUnchanged) {
  const JobId id = create(job("mail.send").queue("mail").scheduled(1h));
  advance(2h);
  const PromoteResult result = jobs().promote({.elect = true});
  EXPECT_EQ(result.promoted, 0U);
  ASSERT_EQ(result.elect.size(), 1U);
  EXPECT_EQ(result.elect[0].job, id);
  EXPECT_EQ(result.elect[0].name, "mail.send");
  EXPECT_EQ(result.elect[0].queue, "mail");
  EXPECT_EQ(result.elect[0].current.name, "Scheduled");
  EXPECT_EQ(result.elect[0].candidate.name, "Enqueued");
  EXPECT_EQ(result.elect[0].candidate.kind, StateKind::ready);
  EXPECT_EQ(result.elect[0].candidate.reason, reasons::due);
  EXPECT_EQ(state_of(id), "Scheduled");
  EXPECT_EQ(history_of(id).size(), 1U);
}

TEST_P(Promotion, ForAnElectionTheEarliestAreHandedOutFirst) {
  const JobId later = create(job().scheduled(2h));
  const JobId sooner = create(job().scheduled(1h));
  const JobId not_due = create(job().scheduled(24h));
  advance(3h);
  const PromoteResult all = jobs().promote({.elect = true});
  ASSERT_EQ(all.elect.size(), 2U);
  EXPECT_EQ(all.elect[0].job, sooner);
  EXPECT_EQ(all.elect[1].job, later);
  EXPECT_EQ(jobs().promote({.max = 1, .elect = true}).elect.size(), 1U);
  EXPECT_EQ(state_of(not_due), "Scheduled");
}

TEST_P(Promotion, ManyJobsFallDueTogether) {
  UnitBuilder all = unit();
  for (int made = 0; made < 500; ++made) all.create(job().scheduled(1h));
  commit(all);
  advance(1h);
  EXPECT_EQ(promote().promoted, 500U);
  EXPECT_EQ(live_count("Enqueued"), 500U);
}

}  // namespace portfire::conformance
