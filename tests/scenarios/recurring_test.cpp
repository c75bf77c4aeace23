// Recurring jobs from definition to end, with servers that run them.

#include <portfire/recurring.hpp>

#include <gmock/gmock.h>

#include "scenarios/scenario.hpp"

namespace portfire::scenarios {
namespace {

using ::testing::SizeIs;

class RecurringScenario : public Scenario {
 protected:
  RecurringJob found(const std::string& id) { return recurring_.find(id).value(); }

  // What handlers use outlives the servers, which end before the fixture does.
  Notes notes_;
  Gate gate_;
  RecurringJobs recurring_{shared_storage()};
};
PORTFIRE_SCENARIOS(RecurringScenario);

constexpr Job<void(std::string)> tick{"tick"};

TEST_P(RecurringScenario, TwoServersRunEachOccurrenceOnce) {
  Handlers handlers;
  handlers.on(tick, [this](std::string text) { notes_.add(std::move(text)); });
  recurring_.add_or_update(tick, "hourly", "0 * * * *", {}, "tick");
  start(handlers);
  start(handlers);
  for (std::uint64_t hour = 1; hour <= 3; ++hour) {
    advance(1h);
    ASSERT_TRUE(until([&] { return found("hourly").runs == hour; }));
    EXPECT_EQ(rest(found("hourly").last_job), "Succeeded");
  }
  stop_all();
  EXPECT_THAT(notes_.all(), SizeIs(3));
  EXPECT_EQ(found("hourly").runs, 3U);
}

TEST_P(RecurringScenario, WhatOverlapsIsLeftOutAndComesWhenTheWayIsFree) {
  Handlers handlers;
  handlers.on(tick, [this](std::string) { gate_.wait(); });
  recurring_.add_or_update(tick, "hourly", "0 * * * *", {.overlap = Overlap::skip}, "tick");
  start(handlers);
  advance(1h);
  ASSERT_TRUE(until([&] { return found("hourly").runs == 1; }));
  ASSERT_TRUE(until_state(found("hourly").last_job, "Processing"));
  advance(1h);
  ASSERT_TRUE(until([&] { return found("hourly").skipped == 1; }));
  gate_.open();
  EXPECT_EQ(rest(found("hourly").last_job), "Succeeded");
  advance(1h);
  ASSERT_TRUE(until([&] { return found("hourly").runs == 2; }));
}

TEST_P(RecurringScenario, AServerThatComesLaterMakesUpForWhatWasMissed) {
  Handlers handlers;
  handlers.on(tick, [this](std::string text) { notes_.add(std::move(text)); });
  recurring_.add_or_update(tick, "hourly", "0 * * * *", {.misfire = Misfire::strict}, "tick");
  advance(5h);
  start(handlers);
  ASSERT_TRUE(until([&] { return found("hourly").runs == 5; }));
  EXPECT_EQ(rest(found("hourly").last_job), "Succeeded");
}

TEST_P(RecurringScenario, ATriggerIsRunAtOnce) {
  Handlers handlers;
  handlers.on(tick, [this](std::string text) { notes_.add(std::move(text)); });
  recurring_.add_or_update(tick, "never", Cron::never(), {}, "by hand");
  start(handlers);
  const Creation job = recurring_.trigger("never");
  EXPECT_EQ(rest(job), "Succeeded");
  EXPECT_THAT(notes_.all(), ::testing::ElementsAre("by hand"));
}

}  // namespace
}  // namespace portfire::scenarios
