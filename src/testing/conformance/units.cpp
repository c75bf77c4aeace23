// What a unit is: all or nothing, one after the other, recognised when it comes again.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::moving;

void keep_units() {}

TEST_P(Units, ACreatedJobIsStoredAsItWasDescribed) {
  const TimePoint before = now();
  const JobId id = create(job("mail.send")
                              .queue("mail")
                              .priority(7)
                              .arguments(R"(["ann@example.com",7])")
                              .parameter("culture", R"("fr")"));
  const JobDetails stored = details(id);
  EXPECT_EQ(stored.id, id);
  EXPECT_EQ(stored.name, "mail.send");
  EXPECT_EQ(stored.queue, "mail");
  EXPECT_EQ(stored.priority, 7);
  EXPECT_EQ(stored.arguments, R"(["ann@example.com",7])");
  EXPECT_EQ(stored.parameters, (std::map<std::string, std::string>{{"culture", R"("fr")"}}));
  EXPECT_EQ(stored.state, "Enqueued");
  EXPECT_EQ(stored.kind, StateKind::ready);
  EXPECT_EQ(stored.attempt, 0U);
  EXPECT_EQ(stored.epoch, 0U);
  EXPECT_GE(stored.created_at, before);
  EXPECT_LE(stored.created_at, now());
  EXPECT_EQ(stored.since, stored.created_at);
}

TEST_P(Units, ACreatedJobHasNothingThatWasNotGivenToIt) {
  const JobDetails stored = details(create(job()));
  EXPECT_TRUE(stored.parameters.empty());
  EXPECT_EQ(stored.result, "");
  EXPECT_EQ(stored.unique_key, "");
  EXPECT_FALSE(stored.due_at);
  EXPECT_FALSE(stored.server);
  EXPECT_FALSE(stored.duration);
  EXPECT_FALSE(stored.started_at);
  EXPECT_FALSE(stored.expires_at);
  EXPECT_FALSE(stored.progress);
  EXPECT_FALSE(stored.stopping_on);
  EXPECT_FALSE(stored.suspect);
  EXPECT_FALSE(stored.no_handler);
  EXPECT_EQ(stored.crashes, 0U);
  EXPECT_TRUE(stored.parents.empty());
  EXPECT_TRUE(stored.children.empty());
}

TEST_P(Units, TextIsKeptByteForByte) {
  const std::string text =
      "[\"\\u0000 'quotes' \\\"\\\\ \xF0\x9F\x94\xA5 ; DROP TABLE jobs; --\\n\"]";
  const std::string big = "[\"" + std::string(300'000, 'x') + "\"]";
  const JobId tricky = create(job("näme ' \" ;").arguments(text).parameter("a'b\"c", text));
  const JobId large = create(job().arguments(big));
  EXPECT_EQ(details(tricky).name, "näme ' \" ;");
  EXPECT_EQ(details(tricky).arguments, text);
  EXPECT_EQ(details(tricky).parameters.at("a'b\"c"), text);
  EXPECT_EQ(details(large).arguments, big);
}

TEST_P(Units, AJobMayBeCreatedInAnyStateThatIsNotRunning) {
  const JobId timed = create(job().scheduled(1h));
  const JobId parked = create(job().state(states::failed("by hand")));
  const JobId over = create(job().state(custom_state("Skipped", StateKind::final)));
  EXPECT_EQ(details(timed).kind, StateKind::timed);
  EXPECT_EQ(details(parked).kind, StateKind::parked);
  EXPECT_EQ(details(parked).reason, "by hand");
  EXPECT_EQ(details(over).kind, StateKind::final);
  EXPECT_EQ(state_of(over), "Skipped");
  EXPECT_TRUE(claim(10).empty());
}

TEST_P(Units, AnEmptyUnitIsApplied) { EXPECT_EQ(commit(unit()).status, CommitStatus::applied); }

TEST_P(Units, CommittingNothingAnswersNothing) { EXPECT_TRUE(jobs().commit({}).empty()); }

TEST_P(Units, EachUnitIsAnsweredInOrder) {
  const JobId existing = create(job());
  const JobId missing = new_id<JobId>();
  const std::vector<Unit> units{unit().create(job()),
                                unit().move(moving(missing, states::deleted())),
                                unit().move(moving(existing, states::deleted()))};
  const std::vector<CommitResult> results = jobs().commit(units);
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].status, CommitStatus::applied);
  EXPECT_EQ(results[1].status, CommitStatus::conflict);
  EXPECT_EQ(results[1].job, missing);
  EXPECT_EQ(results[2].status, CommitStatus::applied);
}

TEST_P(Units, OneUnitsConflictSpoilsNoOther) {
  const JobBuilder first = job();
  const JobBuilder second = job();
  const JobId missing = new_id<JobId>();
  const std::vector<Unit> units{
      unit().create(first), unit().move(moving(missing, states::deleted())), unit().create(second)};
  jobs().commit(units);
  EXPECT_TRUE(exists(first.id()));
  EXPECT_TRUE(exists(second.id()));
}

TEST_P(Units, AUnitSeesThoseBeforeIt) {
  const JobBuilder parent = job();
  const JobBuilder child = job().after(parent.id());
  const std::vector<Unit> units{unit().create(parent), unit().create(child),
                                unit().move(moving(parent.id(), states::succeeded()))};
  for (const CommitResult& result : jobs().commit(units)) {
    EXPECT_EQ(result.status, CommitStatus::applied);
  }
  EXPECT_EQ(state_of(child.id()), "Enqueued");
}

TEST_P(Units, AUnitCanMoveAJobThatItCreates) {
  const JobBuilder created = job();
  const CommitResult result =
      commit(unit().create(created).move(moving(created.id(), states::failed())));
  EXPECT_EQ(result.status, CommitStatus::applied);
  EXPECT_EQ(history_of(created.id()), (std::vector<std::string>{"Enqueued", "Failed"}));
}

TEST_P(Units, TransitionsOfAUnitAreAppliedInOrder) {
  const JobId id = create(job());
  commit(unit().move(moving(id, states::failed())).move(moving(id, states::scheduled(1h))));
  EXPECT_EQ(history_of(id), (std::vector<std::string>{"Enqueued", "Failed", "Scheduled"}));
}

TEST_P(Units, ATransitionThatIsRefusedUndoesTheCreationsOfItsUnit) {
  const JobBuilder created = job();
  const JobId missing = new_id<JobId>();
  const CommitResult result =
      commit(unit().create(created).move(moving(missing, states::deleted())));
  EXPECT_EQ(result.status, CommitStatus::conflict);
  EXPECT_FALSE(exists(created.id()));
  EXPECT_TRUE(claim(1).empty());
}

TEST_P(Units, ATransitionThatIsRefusedUndoesTheTransitionsBeforeIt) {
  const JobId first = create(job().parameter("a", "1"));
  const JobId second = create(job());
  const CommitResult result =
      commit(unit()
                 .move(moving(first, states::failed()).parameter("a", "2").queue("other"))
                 .move(moving(second, states::deleted()).expecting("Scheduled")));
  EXPECT_EQ(result.status, CommitStatus::conflict);
  EXPECT_EQ(result.job, second);
  EXPECT_EQ(history_of(first), (std::vector<std::string>{"Enqueued"}));
  EXPECT_EQ(details(first).parameters.at("a"), "1");
  EXPECT_EQ(details(first).queue, "default");
  EXPECT_EQ(ids_of(claim(2)), (std::vector{first, second}));
}

TEST_P(Units, ARefusedUnitLeavesNoTraceInTheNumbers) {
  commit(unit().create(job()).move(moving(new_id<JobId>(), states::deleted())));
  EXPECT_TRUE(monitoring().statistics().live.empty());
  EXPECT_EQ(lifetime_count("Created"), 0U);
}

TEST_P(Units, ARefusedUnitDoesNotLetContinuationsGo) {
  const JobId parent = create(job());
  const JobId child = create(job().after(parent));
  commit(unit()
             .move(moving(parent, states::succeeded()))
             .move(moving(new_id<JobId>(), states::deleted())));
  EXPECT_EQ(state_of(child), "Awaiting");
  EXPECT_EQ(details(child).parents, (std::vector<Parent>{{.job = parent}}));
}

TEST_P(Units, WordsFirstUsedByARefusedUnitAreAsGoodAsNew) {
  const std::vector<Unit> units{
      unit()
          .create(job("new name")
                      .queue("new-queue")
                      .state(custom_state("New state", StateKind::parked, Ending::other)))
          .create(job("new name").queue("other-queue"))
          .move(moving(new_id<JobId>(), states::deleted())),
      unit().create(job("next name").queue("next-queue")),
      unit().create(job("new name").queue("new-queue"))};
  const std::vector<CommitResult> results = jobs().commit(units);
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].status, CommitStatus::conflict);
  EXPECT_EQ(results[1].status, CommitStatus::applied);
  EXPECT_EQ(results[2].status, CommitStatus::applied);
  EXPECT_EQ(details(units[1].jobs[0].id).name, "next name");
  EXPECT_EQ(claim_one("new-queue").name, "new name");
  EXPECT_TRUE(claim(10, {"other-queue"}).empty());
}

TEST_P(Units, AUnitThatCreatedAJobIsRecognisedWhenItComesAgain) {
  const JobBuilder created = job();
  const Unit same = unit().create(created);
  commit(same);
  EXPECT_EQ(commit(same).status, CommitStatus::already_applied);
  EXPECT_EQ(claim(10).size(), 1U);
}

TEST_P(Units, AUnitThatChangedAJobIsRecognisedWhenItComesAgain) {
  const JobId id = create(job());
  const Unit same = unit().move(moving(id, states::failed()));
  commit(same);
  move(id, states::enqueued());
  EXPECT_EQ(commit(same).status, CommitStatus::already_applied);
  EXPECT_EQ(state_of(id), "Enqueued");
}

TEST_P(Units, AUnitIsRecognisedEvenInTheSameCall) {
  const Unit same = unit().create(job());
  const std::vector<Unit> twice{same, same};
  const std::vector<CommitResult> results = jobs().commit(twice);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].status, CommitStatus::applied);
  EXPECT_EQ(results[1].status, CommitStatus::already_applied);
}

TEST_P(Units, AUnitIsRecognisedAfterItsJobHasRunAndBeenRemoved) {
  const JobBuilder created = job();
  const Unit same = unit().create(created);
  commit(same);
  State over = states::succeeded();
  over.retention = 1min;
  finish(claim_one(), over);
  advance(30min);
  ASSERT_EQ(jobs().expire(10).removed, 1U);
  ASSERT_FALSE(exists(created.id()));
  EXPECT_EQ(commit(same).status, CommitStatus::already_applied);
  EXPECT_FALSE(exists(created.id()));
}

TEST_P(Units, AnExistingJobIdMeansThatTheUnitWasApplied) {
  const JobBuilder created = job("first");
  create(created);
  JobBuilder again{created.id(), "second"};
  const JobBuilder other = job();
  EXPECT_EQ(commit(unit().create(other).create(again)).status, CommitStatus::already_applied);
  EXPECT_EQ(details(created.id()).name, "first");
  EXPECT_FALSE(exists(other.id()));
}

TEST_P(Units, AUnitThatWasRefusedIsJudgedAnewWhenItComesAgain) {
  const JobId id = create(job());
  const Unit same = unit().create(job()).move(moving(id, states::deleted()).expecting("Failed"));
  ASSERT_EQ(commit(same).status, CommitStatus::conflict);
  move(id, states::failed());
  EXPECT_EQ(commit(same).status, CommitStatus::applied);
  EXPECT_EQ(state_of(id), "Deleted");
}

TEST_P(Units, ManyJobsFitInOneUnit) {
  const std::vector<JobId> created = create_many(1000);
  EXPECT_EQ(live_count("Enqueued"), 1000U);
  EXPECT_EQ(ids_of(claim(1000)), created);
}

TEST_P(Units, ManyUnitsFitInOneCall) {
  std::vector<Unit> units;
  for (int made = 0; made < 500; ++made) units.push_back(unit().create(job()));
  for (const CommitResult& result : jobs().commit(units)) {
    EXPECT_EQ(result.status, CommitStatus::applied);
  }
  EXPECT_EQ(live_count("Enqueued"), 500U);
}

}  // namespace portfire::conformance
