// How long jobs are kept after their end.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::moving;

void keep_retention() {}

namespace {

State kept_for(State state, Duration retention) {
  state.retention = retention;
  return state;
}

}  // namespace

TEST_P(Retention, AFinalStateExpiresAfterItsRetention) {
  const JobId id = create(job());
  finish(claim_one(), kept_for(states::succeeded(), 2h));
  EXPECT_EQ(details(id).expires_at, details(id).since + 2h);
  advance(115min);
  EXPECT_EQ(jobs().expire(10).removed, 0U);
  EXPECT_TRUE(exists(id));
  advance(5min);
  EXPECT_EQ(jobs().expire(10).removed, 1U);
  EXPECT_FALSE(exists(id));
}

TEST_P(Retention, AParkedStateExpiresWhenToldSo) {
  const JobId id = create(job().state(kept_for(states::failed(), 1h)));
  EXPECT_EQ(details(id).expires_at, details(id).since + 1h);
  advance(1h);
  EXPECT_EQ(jobs().expire(10).removed, 1U);
}

TEST_P(Retention, WithoutRetentionAJobIsKeptForEver) {
  State over = states::succeeded();
  over.retention = std::nullopt;
  const JobId final = create(job().state(over));
  const JobId parked = create(job().state(states::failed()));
  EXPECT_FALSE(details(final).expires_at);
  advance(24h * 365 * 10);
  jobs().expire(10);
  EXPECT_TRUE(exists(final));
  EXPECT_TRUE(exists(parked));
}

TEST_P(Retention, OtherKindsNeverExpire) {
  const JobId ready = create(job().state(kept_for(states::enqueued(), 1h)));
  const JobId timed = create(job().state(kept_for(states::scheduled(1h), 1h)));
  EXPECT_FALSE(details(ready).expires_at);
  EXPECT_FALSE(details(timed).expires_at);
  advance(48h);
  EXPECT_EQ(jobs().expire(10).removed, 0U);
}

TEST_P(Retention, AJobThatLeavesItsFinalStateDoesNotExpire) {
  const JobId id = create(job().state(kept_for(states::succeeded(), 1h)));
  move(id, states::enqueued());
  EXPECT_FALSE(details(id).expires_at);
  advance(48h);
  EXPECT_EQ(jobs().expire(10).removed, 0U);
  EXPECT_TRUE(exists(id));
}

TEST_P(Retention, NoMoreThanTheMaximumAreRemoved) {
  for (int made = 0; made < 5; ++made) create(job().state(kept_for(states::deleted(), 1h)));
  advance(2h);
  const ExpireResult first = jobs().expire(2);
  EXPECT_EQ(first.removed, 2U);
  EXPECT_TRUE(first.more);
  EXPECT_EQ(live_count("Deleted"), 3U);
  const ExpireResult rest = jobs().expire(10);
  EXPECT_EQ(rest.removed, 3U);
  EXPECT_FALSE(rest.more);
}

TEST_P(Retention, ARemovedJobIsNowhereToBeSeen) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  jobs().report(
      std::vector{Report{.execution = execution.ref, .lines = {{.text = "a line", .number = 1}}}});
  finish(execution, kept_for(states::succeeded(), 1h));
  advance(2h);
  jobs().expire(10);
  EXPECT_FALSE(exists(id));
  EXPECT_TRUE(monitoring().list({}).jobs.empty());
  EXPECT_TRUE(monitoring().log(id, 0, 10).empty());
  EXPECT_TRUE(monitoring().statistics().live.empty());
  EXPECT_EQ(apply(moving(id, states::enqueued())).conflict, Conflict::not_found);
  EXPECT_FALSE(jobs().set_parameters(id, {{"a", "1"}}));
  EXPECT_EQ(finish(execution).conflict, Conflict::not_found);
}

TEST_P(Retention, ARemovedJobStaysInTheLifetimeNumbers) {
  create(job());
  finish(claim_one(), kept_for(states::succeeded(), 1h));
  advance(2h);
  jobs().expire(10);
  EXPECT_EQ(lifetime_count("Created"), 1U);
  EXPECT_EQ(lifetime_count("Succeeded"), 1U);
}

TEST_P(Retention, ARemovedJobNoLongerHoldsItsKey) {
  const StateKinds always{StateKind::ready, StateKind::final};
  create(job().unique("k").held_while(always));
  finish(claim_one(), kept_for(states::succeeded(), 1h));
  ASSERT_EQ(commit(unit().create(job().unique("k"))).status, CommitStatus::rejected);
  advance(2h);
  jobs().expire(10);
  EXPECT_EQ(commit(unit().create(job().unique("k"))).status, CommitStatus::applied);
}

TEST_P(Retention, AMissingParentIsOneThatExpired) {
  const JobId parent = create(job().state(kept_for(states::succeeded(), 1h)));
  advance(2h);
  jobs().expire(10);
  EXPECT_EQ(commit(unit().create(job().after(parent))).rejection, Rejection::parent_missing);
}

TEST_P(Retention, ARemovedJobIsRevoked) {
  create(job());
  const Execution execution = claim_one();
  move(execution.ref.job, kept_for(states::deleted(), 1h));
  advance(2h);
  jobs().expire(10);
  const std::vector<Revoked> revoked = jobs().revoked(std::vector{execution.ref});
  ASSERT_EQ(revoked.size(), 1U);
  EXPECT_EQ(revoked[0].state, "");
}

}  // namespace portfire::conformance
