// How jobs come back from those who hold them: given back, removed, taken away.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::moving;

void keep_leases() {}

TEST_P(Leases, WhatWasNotStartedGoesBackToItsOldPlace) {
  const std::vector<JobId> created = create_many(3);
  advance(1h);
  const Execution execution = claim_one();
  EXPECT_EQ(release(execution, ReleaseReason::unstarted), 1U);
  EXPECT_EQ(ids_of(claim(3)), created);
}

TEST_P(Leases, WhatWasNotStartedIsAsItWasBefore) {
  const JobId id = create(job());
  const JobDetails before = details(id);
  advance(1h);
  release(claim_one(), ReleaseReason::unstarted);
  const JobDetails after = details(id);
  EXPECT_EQ(after.state, "Enqueued");
  EXPECT_EQ(after.kind, StateKind::ready);
  EXPECT_EQ(after.since, before.since);
  EXPECT_EQ(after.attempt, 0U);
  EXPECT_EQ(history_of(id), (std::vector<std::string>{"Enqueued"}));
  EXPECT_FALSE(after.server);
  EXPECT_FALSE(after.suspect);
  EXPECT_EQ(claim_one().ready_at, before.created_at);
}

TEST_P(Leases, WhatWasNotStartedKeepsItsStatesNameReasonAndData) {
  const JobId id = create(job().state(
      {.name = "Warm", .kind = StateKind::ready, .reason = "a reason", .data = R"({"a":1})"}));
  release(claim_one(), ReleaseReason::unstarted);
  const JobDetails after = details(id);
  EXPECT_EQ(after.state, "Warm");
  EXPECT_EQ(after.reason, "a reason");
  EXPECT_EQ(after.data, R"({"a":1})");
}

TEST_P(Leases, WhatWasBegunGoesToTheTail) {
  const std::vector<JobId> created = create_many(3);
  release(claim_one(), ReleaseReason::shutdown);
  EXPECT_EQ(ids_of(claim(3)), (std::vector{created[1], created[2], created[0]}));
}

TEST_P(Leases, WhatWasBegunKeepsItsHistory) {
  const JobId id = create(job());
  advance(1h);
  release(claim_one(), ReleaseReason::shutdown);
  const JobDetails after = details(id);
  EXPECT_EQ(history_of(id), (std::vector<std::string>{"Enqueued", "Processing", "Enqueued"}));
  EXPECT_EQ(after.reason, reasons::shutdown);
  EXPECT_EQ(after.attempt, 0U);
  EXPECT_FALSE(after.suspect);
  EXPECT_GE(after.since, after.created_at + 1h);
  EXPECT_EQ(claim_one().ready_at, after.since);
}

TEST_P(Leases, WithoutAHandlerAJobWaitsInALaneAtItsOldPlace) {
  const JobId rare = create(job("rare"));
  const JobDetails before = details(rare);
  advance(1h);
  release(claim_one(), ReleaseReason::no_handler);
  const JobDetails after = details(rare);
  EXPECT_TRUE(after.no_handler);
  EXPECT_EQ(after.state, "Enqueued");
  EXPECT_EQ(after.since, before.since);
  EXPECT_EQ(after.attempt, 0U);
  EXPECT_EQ(history_of(rare), (std::vector<std::string>{"Enqueued"}));
  const JobId later = create(job("rare"));
  EXPECT_EQ(ids_of(new_server({"rare"}).claim(2)), (std::vector{rare, later}));
}

TEST_P(Leases, AReleasedJobOfANamedLaneGoesBackToThatLane) {
  create(job("rare"));
  release(claim_one(), ReleaseReason::no_handler);
  TestServer expert = new_server({"rare"});
  release(expert.claim_one(), ReleaseReason::unstarted);
  EXPECT_TRUE(claim(1).empty());
  EXPECT_EQ(expert.claim(1).size(), 1U);
}

TEST_P(Leases, GivingBackRaisesTheEpoch) {
  for (const ReleaseReason reason :
       {ReleaseReason::unstarted, ReleaseReason::shutdown, ReleaseReason::no_handler}) {
    const JobId id = create(job());
    const Execution execution = claim_one();
    release(execution, reason);
    EXPECT_EQ(details(id).epoch, execution.ref.epoch + 1);
    EXPECT_TRUE(server().held().empty());
    move(id, states::deleted());
  }
}

TEST_P(Leases, ExecutionsNoLongerHeldArePassedOver) {
  create_many(3);
  const std::vector<Execution> executions = claim(3);
  finish(executions[0]);
  move(executions[1].ref.job, states::failed());
  std::vector<Released> all;
  for (const Execution& execution : executions) all.push_back({.execution = execution.ref});
  all.push_back({.execution = {.job = new_id<JobId>(), .epoch = 1}});
  EXPECT_EQ(jobs().release(all).released, 1U);
  EXPECT_EQ(state_of(executions[0].ref.job), "Succeeded");
  EXPECT_EQ(state_of(executions[1].ref.job), "Failed");
  EXPECT_EQ(state_of(executions[2].ref.job), "Enqueued");
}

TEST_P(Leases, ManyExecutionsAreGivenBackInOneStep) {
  const std::vector<JobId> created = create_many(100);
  std::vector<Released> all;
  for (const Execution& execution : claim(100)) all.push_back({.execution = execution.ref});
  EXPECT_EQ(jobs().release(all).released, 100U);
  EXPECT_EQ(ids_of(claim(100)), created);
}

TEST_P(Leases, ARemovedServerGivesBackWhatItHolds) {
  const JobId id = create(job());
  TestServer leaving = new_server();
  const Execution execution = leaving.claim_one();
  coordination().remove(leaving.id());
  const JobDetails after = details(id);
  EXPECT_EQ(after.state, "Enqueued");
  EXPECT_EQ(after.reason, reasons::shutdown);
  EXPECT_EQ(after.epoch, execution.ref.epoch + 1);
  EXPECT_FALSE(after.suspect);
  EXPECT_TRUE(leaving.held().empty());
  EXPECT_EQ(history_of(id), (std::vector<std::string>{"Enqueued", "Processing", "Enqueued"}));
  EXPECT_EQ(finish(execution).conflict, Conflict::epoch);
}

TEST_P(Leases, AServersJobsAreItsOwnWhenAnotherIsRemoved) {
  create_many(2);
  TestServer leaving = new_server();
  leaving.claim_one();
  const Execution mine = claim_one();
  coordination().remove(leaving.id());
  EXPECT_EQ(server().held(), (std::vector{mine.ref}));
}

TEST_P(Leases, WhatDeadServersHeldIsTakenBackToTheTail) {
  const std::vector<JobId> created = create_many(4);
  TestServer first = new_server();
  TestServer second = new_server();
  first.claim(2);
  second.claim(1);
  const ReclaimResult result = reclaim({first.id(), second.id()});
  EXPECT_EQ(result.requeued, 3U);
  EXPECT_TRUE(result.poisoned.empty());
  EXPECT_TRUE(first.held().empty());
  EXPECT_EQ(live_count("Enqueued"), 4U);
  const std::vector<JobId> order = ids_of(new_server().claim(4));
  EXPECT_EQ(order.back(), created[3]) << "one suspect goes first, the untouched job comes next";
}

TEST_P(Leases, AReclaimedJobKeepsItsHistory) {
  const JobId id = create(job());
  TestServer dead = new_server();
  const Execution execution = dead.claim_one();
  advance(1h);
  reclaim({dead.id()});
  const JobDetails after = details(id);
  EXPECT_EQ(history_of(id), (std::vector<std::string>{"Enqueued", "Processing", "Enqueued"}));
  EXPECT_EQ(after.reason, reasons::reclaimed);
  EXPECT_EQ(after.epoch, execution.ref.epoch + 1);
  EXPECT_EQ(after.attempt, 0U);
  EXPECT_GE(after.since, execution.claimed_at + 1h);
}

TEST_P(Leases, AReclaimedServerIsRemoved) {
  TestServer dead = new_server();
  reclaim({dead.id()});
  EXPECT_FALSE(coordination().heartbeat(dead.id()).known);
  create(job());
  EXPECT_TRUE(dead.claim(1).empty());
}

TEST_P(Leases, ServersThatDoNotExistArePassedOver) {
  create(job());
  TestServer dead = new_server();
  dead.claim_one();
  const ReclaimResult result =
      reclaim({new_id<ServerId>(), dead.id(), new_id<ServerId>(), dead.id()});
  EXPECT_EQ(result.requeued, 1U);
}

TEST_P(Leases, ReclaimingTouchesNoLivingServer) {
  create_many(2);
  TestServer dead = new_server();
  dead.claim_one();
  const Execution mine = claim_one();
  reclaim({dead.id()});
  EXPECT_EQ(server().held(), (std::vector{mine.ref}));
  EXPECT_TRUE(coordination().heartbeat(server().id()).known);
}

TEST_P(Leases, AFinishedJobIsNotReclaimed) {
  const JobId id = create(job());
  TestServer dead = new_server();
  finish(dead.claim_one());
  EXPECT_EQ(reclaim({dead.id()}).requeued, 0U);
  EXPECT_EQ(state_of(id), "Succeeded");
}

TEST_P(Leases, RevokedNamesWhatIsNoLongerHeldWithItsState) {
  create_many(4);
  const std::vector<Execution> executions = claim(4);
  finish(executions[1]);
  move(executions[2].ref.job, states::deleted());
  std::vector<ExecutionRef> asked;
  for (const Execution& execution : executions) asked.push_back(execution.ref);
  asked.push_back({.job = new_id<JobId>(), .epoch = 1});

  std::map<JobId, std::string> answers;
  for (const Revoked& revoked : jobs().revoked(asked)) {
    answers[revoked.execution.job] = revoked.state;
  }
  EXPECT_EQ(answers,
            (std::map<JobId, std::string>{
                {asked[1].job, "Succeeded"}, {asked[2].job, "Deleted"}, {asked[4].job, ""}}));
}

TEST_P(Leases, AnExecutionIsRevokedWhenItsJobRunsElsewhere) {
  const JobId id = create(job());
  const ExecutionRef old = claim_one().ref;
  move(id, states::enqueued());
  const ExecutionRef present = new_server().claim_one().ref;
  const std::vector<Revoked> revoked = jobs().revoked(std::vector{old, present});
  ASSERT_EQ(revoked.size(), 1U);
  EXPECT_EQ(revoked[0].execution, old);
  EXPECT_EQ(revoked[0].state, "Processing");
}

TEST_P(Leases, NothingIsRevokedOfNothing) { EXPECT_TRUE(jobs().revoked({}).empty()); }

}  // namespace portfire::conformance
