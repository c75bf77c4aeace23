// Data that outlive their storage object, and data that several objects share.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;
using testing::moving;

void keep_durability() {}

TEST_P(Durability, AStorageDescribesItself) {
  EXPECT_FALSE(storage().description().empty());
  EXPECT_NE(storage().runtime(), nullptr);
  const StorageCapabilities capabilities = storage().capabilities();
  EXPECT_TRUE(capabilities.durable || !capabilities.survives_power_loss);
}

TEST_P(Durability, TheClockMovesWithItsOffset) {
  const TimePoint before = now();
  advance(24h);
  EXPECT_GE(now(), before + 24h);
}

TEST_P(Durability, JobsOutliveTheStorage) {
  PORTFIRE_CONFORMANCE_NEEDS(durable);
  const JobId parent = create(job("a").arguments("[1]").parameter("p", "1").priority(3));
  const JobId child = create(job().after(parent, Condition::finished).unique("k"));
  const JobDetails before = details(parent);
  reopen();
  const JobDetails after = details(parent);
  EXPECT_EQ(after.name, before.name);
  EXPECT_EQ(after.arguments, before.arguments);
  EXPECT_EQ(after.parameters, before.parameters);
  EXPECT_EQ(after.created_at, before.created_at);
  EXPECT_EQ(after.children, (std::vector{child}));
  EXPECT_EQ(history_of(parent), (std::vector<std::string>{"Enqueued"}));
  EXPECT_EQ(commit(unit().create(job().unique("k"))).holder, child);
  finish(claim_one());
  EXPECT_EQ(state_of(child), "Enqueued");
}

TEST_P(Durability, ExecutionsOutliveTheStorage) {
  PORTFIRE_CONFORMANCE_NEEDS(durable);
  create(job());
  const Execution execution = claim_one();
  reopen();
  EXPECT_EQ(server().held(), (std::vector{execution.ref}));
  EXPECT_EQ(apply(ending(execution).result("7")).status, CommitStatus::applied);
  reopen();
  EXPECT_EQ(details(execution.ref.job).result, "7");
}

TEST_P(Durability, ATokenOutlivesTheStorage) {
  PORTFIRE_CONFORMANCE_NEEDS(durable);
  create_many(2);
  const Execution execution = claim_one();
  reopen();
  const auto again = server().claim_with(server().last_token(), 1);
  EXPECT_EQ(ids_of(again), (std::vector{execution.ref.job}));
  EXPECT_TRUE(server().claim_with(server().last_token() - 1, 1).empty());
}

TEST_P(Durability, UnitsAreRecognisedAfterTheStorageWasOpenedAgain) {
  PORTFIRE_CONFORMANCE_NEEDS(durable);
  const Unit creation = unit().create(job());
  commit(creation);
  const Unit change = unit().move(moving(creation.jobs[0].id, states::failed()));
  commit(change);
  move(creation.jobs[0].id, states::enqueued());
  reopen();
  EXPECT_EQ(commit(creation).status, CommitStatus::already_applied);
  EXPECT_EQ(commit(change).status, CommitStatus::already_applied);
  EXPECT_EQ(state_of(creation.jobs[0].id), "Enqueued");
}

TEST_P(Durability, ServersLocksSettingsAndNumbersOutliveTheStorage) {
  PORTFIRE_CONFORMANCE_NEEDS(durable);
  const ServerId me = server().id();
  const auto lock = coordination().acquire_lock("nightly", "me", 1h);
  ASSERT_TRUE(lock);
  coordination().set_queue({.name = "default", .paused = true});
  create(job().state(states::failed()));
  reopen();
  EXPECT_TRUE(coordination().heartbeat(me).known);
  EXPECT_FALSE(coordination().acquire_lock("nightly", "you", 1h));
  EXPECT_TRUE(coordination().renew_lock(*lock, 1h));
  EXPECT_EQ(coordination().queue_settings().at(0).version, 1U);
  EXPECT_EQ(lifetime_count("Created"), 1U);
  EXPECT_EQ(lifetime_count("Failed"), 1U);
  EXPECT_EQ(live_count("Failed"), 1U);
}

TEST_P(Durability, OrderOutlivesTheStorage) {
  PORTFIRE_CONFORMANCE_NEEDS(durable);
  std::vector<JobId> expected = create_many(3);
  reopen();
  for (const JobId id : create_many(3)) expected.push_back(id);
  EXPECT_EQ(ids_of(claim(6)), expected);
}

TEST_P(Durability, LogsAndDueTimesOutliveTheStorage) {
  PORTFIRE_CONFORMANCE_NEEDS(durable);
  const JobId id = create(job());
  const Execution execution = claim_one();
  jobs().report(std::vector{Report{
      .execution = execution.ref, .progress = 0.5, .lines = {{.text = "a line", .number = 1}}}});
  create(job().scheduled(1h));
  reopen();
  EXPECT_EQ(details(id).progress, 0.5);
  EXPECT_EQ(monitoring().log(id, 0, 10).at(0).text, "a line");
  advance(1h);
  EXPECT_EQ(promote().promoted, 1U);
}

TEST_P(Durability, AnotherOpeningSeesTheSameJobs) {
  PORTFIRE_CONFORMANCE_NEEDS(shared);
  const std::shared_ptr<Storage> other = open_another();
  const JobId id = create(job());
  EXPECT_EQ(other->monitoring().job(id)->state, "Enqueued");
  TestServer there{*other, {.id = new_id<ServerId>()}};
  const Execution execution = there.claim_one();
  EXPECT_EQ(state_of(id), "Processing");
  EXPECT_TRUE(claim(1).empty());
  EXPECT_EQ(finish(execution).status, CommitStatus::applied);
  EXPECT_EQ(other->monitoring().job(id)->state, "Succeeded");
}

TEST_P(Durability, AnotherOpeningRespectsPausesLocksAndKeys) {
  PORTFIRE_CONFORMANCE_NEEDS(shared);
  const std::shared_ptr<Storage> other = open_another();
  TestServer there{*other, {.id = new_id<ServerId>()}};
  create(job().unique("k"));
  there.claim(0);
  coordination().set_queue({.name = "default", .paused = true});
  EXPECT_TRUE(there.claim(1).empty());
  ASSERT_TRUE(coordination().acquire_lock("nightly", "me", 1h));
  EXPECT_FALSE(other->coordination().acquire_lock("nightly", "you", 1h));
  const Unit duplicate = unit().create(job().unique("k"));
  EXPECT_EQ(other->jobs().commit({&duplicate, 1}).at(0).rejection, Rejection::unique_key);
}

TEST_P(Durability, AnotherOpeningMovesWithTheSameTime) {
  PORTFIRE_CONFORMANCE_NEEDS(shared);
  const std::shared_ptr<Storage> other = open_another();
  create(job().scheduled(1h));
  advance(1h);
  EXPECT_EQ(other->jobs().promote({}).promoted, 1U);
}

}  // namespace portfire::conformance
