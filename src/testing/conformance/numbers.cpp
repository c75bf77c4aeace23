// Counts: live, lifetime, hours, queues.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::moving;

void keep_numbers() {}

namespace {

using Counts = std::vector<StateCount>;

}  // namespace

TEST_P(Numbers, AnEmptyStorageCountsNothing) {
  EXPECT_TRUE(monitoring().statistics().live.empty());
  EXPECT_TRUE(monitoring().queues().empty());
  EXPECT_EQ(lifetime_count("Created"), 0U);
}

TEST_P(Numbers, LiveJobsAreCountedByQueueAndState) {
  create_many(2, "b");
  create(job().queue("a"));
  create(job().queue("a").scheduled(1h));
  create(job().queue("a").state(custom_state("On hold", StateKind::parked)));
  EXPECT_EQ(
      monitoring().statistics().live,
      (Counts{
          {"a", "Enqueued", 1}, {"a", "On hold", 1}, {"a", "Scheduled", 1}, {"b", "Enqueued", 2}}));
}

TEST_P(Numbers, LiveCountsFollowEveryStep) {
  const auto live = [&] { return monitoring().statistics().live; };
  const JobId id = create(job().scheduled(1h));
  EXPECT_EQ(live(), (Counts{{"default", "Scheduled", 1}}));
  advance(1h);
  promote();
  EXPECT_EQ(live(), (Counts{{"default", "Enqueued", 1}}));
  release(claim_one(), ReleaseReason::unstarted);
  EXPECT_EQ(live(), (Counts{{"default", "Enqueued", 1}}));
  const Execution execution = claim_one();
  EXPECT_EQ(live(), (Counts{{"default", "Processing", 1}}));
  finish(execution);
  EXPECT_EQ(live(), (Counts{{"default", "Succeeded", 1}}));
  apply(moving(id, states::failed()).queue("other"));
  EXPECT_EQ(live(), (Counts{{"other", "Failed", 1}}));
}

TEST_P(Numbers, EachCreationAndEachEndCountsForALifetime) {
  create_many(3);
  finish(claim_one());
  finish(claim_one(), states::failed());
  finish(claim_one(), states::deleted());
  EXPECT_EQ(monitoring().statistics().lifetime,
            (std::map<std::string, std::uint64_t>{
                {"Created", 3}, {"Succeeded", 1}, {"Failed", 1}, {"Deleted", 1}}));
}

TEST_P(Numbers, OnlyParkedAndFinalStatesAreCountedForALifetime) {
  const JobId parent = create(job().scheduled(1h));
  create(job().after(parent));
  advance(1h);
  promote();
  finish(claim_one(), states::enqueued());
  claim_one();
  EXPECT_EQ(monitoring().statistics().lifetime,
            (std::map<std::string, std::uint64_t>{{"Created", 2}}));
}

TEST_P(Numbers, EveryEntryIntoAStateCounts) {
  const JobId id = create(job());
  move(id, states::failed());
  move(id, states::enqueued());
  move(id, states::failed());
  EXPECT_EQ(lifetime_count("Failed"), 2U);
  EXPECT_EQ(live_count("Failed"), 1U);
}

TEST_P(Numbers, UserDefinedStatesAreCountedByTheirName) {
  create(job().state(custom_state("On hold", StateKind::parked)));
  create(job().state(custom_state("Skipped", StateKind::final)));
  EXPECT_EQ(lifetime_count("On hold"), 1U);
  EXPECT_EQ(lifetime_count("Skipped"), 1U);
}

TEST_P(Numbers, StatesThatTheStorageEntersByItselfCountToo) {
  const JobId parent = create(job());
  create(job().after(parent, Condition::succeeded));
  create(job().after(parent, Condition::deleted));
  move(parent, states::succeeded());
  EXPECT_EQ(lifetime_count("Deleted"), 1U);
  EXPECT_EQ(live_count("Deleted"), 1U);
}

TEST_P(Numbers, AUnitSentAgainCountsOnce) {
  const JobId id = create(job());
  const Unit same = unit().create(job()).move(moving(id, states::failed()));
  commit(same);
  commit(same);
  EXPECT_EQ(lifetime_count("Created"), 2U);
  EXPECT_EQ(lifetime_count("Failed"), 1U);
}

TEST_P(Numbers, HoursCountCreationsAndEnds) {
  const TimePoint from = std::chrono::floor<std::chrono::hours>(now());
  create_many(3);
  finish(claim_one());
  std::map<std::string, std::uint64_t> sums;
  for (const HourCount& hour : monitoring().history(from, from + 2h)) {
    EXPECT_EQ(hour.hour, std::chrono::floor<std::chrono::hours>(hour.hour));
    sums[hour.state] += hour.count;
  }
  EXPECT_EQ(sums, (std::map<std::string, std::uint64_t>{{"Created", 3}, {"Succeeded", 1}}));
}

TEST_P(Numbers, HoursAreListedInOrderAndWithoutEmptyOnes) {
  const TimePoint from = std::chrono::floor<std::chrono::hours>(now());
  create(job().state(states::failed()));
  advance(5h);
  create(job());
  const std::vector<HourCount> hours = monitoring().history(from, from + 24h);
  ASSERT_EQ(hours.size(), 3U);
  EXPECT_EQ(hours[0].state, "Created");
  EXPECT_EQ(hours[1].state, "Failed");
  EXPECT_EQ(hours[0].hour, hours[1].hour);
  EXPECT_EQ(hours[2].state, "Created");
  EXPECT_GE(hours[2].hour, hours[0].hour + 5h);
}

TEST_P(Numbers, TheRangeOfHoursIncludesItsBeginningAndNotItsEnd) {
  create(job());
  const TimePoint around = std::chrono::floor<std::chrono::hours>(now());
  const std::vector<HourCount> found = monitoring().history(around - 2h, around + 2h);
  ASSERT_EQ(found.size(), 1U);
  const TimePoint hour = found[0].hour;
  EXPECT_EQ(monitoring().history(hour, hour + 1h), found);
  EXPECT_TRUE(monitoring().history(hour - 1h, hour).empty());
  EXPECT_TRUE(monitoring().history(hour + 1h, hour + 2h).empty());
}

TEST_P(Numbers, HoursAreKeptForThirtyTwoDays) {
  const TimePoint from = std::chrono::floor<std::chrono::hours>(now());
  create(job());
  advance(31 * 24h);
  jobs().expire(1000);
  EXPECT_EQ(monitoring().history(from, from + 2h).size(), 1U);
}

TEST_P(Numbers, QueuesAreListedByName) {
  create_many(2, "b");
  create(job("rare").queue("b").priority(9));
  create(job().queue("a"));
  create(job().queue("finished").state(states::succeeded()));
  create(job().queue("later").scheduled(1h));
  release(claim_one("b"), ReleaseReason::no_handler);
  claim_one("b");
  const std::vector<QueueSummary> queues = monitoring().queues();
  ASSERT_EQ(queues.size(), 2U);
  EXPECT_EQ(queues[0].name, "a");
  EXPECT_EQ(queues[0].ready, 1U);
  EXPECT_EQ(queues[1].name, "b");
  EXPECT_EQ(queues[1].ready, 2U);
  EXPECT_EQ(queues[1].running, 1U);
  EXPECT_EQ(queues[1].no_handler, 1U);
}

TEST_P(Numbers, AQueueTellsSinceWhenItsNextJobHasBeenReady) {
  const JobId first = create(job());
  advance(1h);
  const JobId second = create(job());
  EXPECT_EQ(monitoring().queues().at(0).oldest_ready, details(first).since);
  claim_one();
  EXPECT_EQ(monitoring().queues().at(0).oldest_ready, details(second).since);
  claim_one();
  EXPECT_FALSE(monitoring().queues().at(0).oldest_ready);
}

TEST_P(Numbers, AQueueWithSettingsIsListedWithoutJobs) {
  ASSERT_TRUE(coordination().set_queue(
      {.name = "mail", .paused = true, .paused_by = "ann", .pause_reason = "upgrade"}));
  const std::vector<QueueSummary> queues = monitoring().queues();
  ASSERT_EQ(queues.size(), 1U);
  EXPECT_EQ(queues[0].name, "mail");
  EXPECT_EQ(queues[0].ready, 0U);
  EXPECT_FALSE(queues[0].oldest_ready);
  EXPECT_EQ(queues[0].settings, coordination().queue_settings().at(0));
}

}  // namespace portfire::conformance
