#include "storage/common/job_filter.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace portfire {
namespace {

using namespace std::chrono_literals;

const TimePoint noon{std::chrono::hours{12}};

JobSummary summary() {
  return {.reason = "No route to HOST",
          .attempt = 3,
          .since = noon,
          .server = ServerId{1, 2},
          .duration = 2s,
          .arguments = R"(["Ann@example.com", 7])"};
}

bool matches(const JobQuery& query, const JobSummary& job = summary()) {
  return JobFilter{query}.matches(job);
}

TEST(JobFilter, IsSetByDeepFiltersAlone) {
  EXPECT_FALSE(JobFilter{{}}.is_set());
  const JobQuery shallow{.state = "Failed", .queue = "q", .name = "n", .tag = "t"};
  EXPECT_FALSE(JobFilter{shallow}.is_set());
  for (const JobQuery& query :
       {JobQuery{.text = "a"}, JobQuery{.reason = "a"}, JobQuery{.server = ServerId{}},
        JobQuery{.since_from = noon}, JobQuery{.since_before = noon},
        JobQuery{.duration_at_least = 1s}, JobQuery{.duration_at_most = 1s},
        JobQuery{.attempts_at_least = 1}}) {
    EXPECT_TRUE(JobFilter{query}.is_set());
  }
}

TEST(JobFilter, TextsMatchInEitherCaseOfAsciiLetters) {
  EXPECT_TRUE(matches({.text = "ann@EXAMPLE"}));
  EXPECT_TRUE(matches({.text = "\", 7]"}));
  EXPECT_FALSE(matches({.text = "ann@example.org"}));
  EXPECT_TRUE(matches({.reason = "to host"}));
  EXPECT_FALSE(matches({.reason = "to hosts"}));
  JobSummary umlaut = summary();
  umlaut.arguments = "[\"\xC3\x84\"]";
  EXPECT_TRUE(matches({.text = "\xC3\x84"}, umlaut));
  EXPECT_FALSE(matches({.text = "\xC3\xA4"}, umlaut));
  EXPECT_FALSE(matches({.text = "["}, {}));
}

TEST(JobFilter, BoundsOfSpansAndAttemptsAreWithin) {
  EXPECT_TRUE(matches({.duration_at_least = 2s, .duration_at_most = 2s}));
  EXPECT_FALSE(matches({.duration_at_least = 2s + 1us}));
  EXPECT_FALSE(matches({.duration_at_most = 2s - 1us}));
  EXPECT_FALSE(matches({.duration_at_most = 2s}, {}));
  EXPECT_TRUE(matches({.attempts_at_least = 3}));
  EXPECT_FALSE(matches({.attempts_at_least = 4}));
}

TEST(JobFilter, TheLowerBoundOfAnInstantIsWithinAndTheUpperOneIsNot) {
  EXPECT_TRUE(matches({.since_from = noon, .since_before = noon + 1us}));
  EXPECT_FALSE(matches({.since_before = noon}));
  EXPECT_FALSE(matches({.since_from = noon + 1us}));
}

TEST(JobFilter, OnlyTheServerThatHoldsItMatches) {
  EXPECT_TRUE(matches({.server = ServerId{1, 2}}));
  EXPECT_FALSE(matches({.server = ServerId{1, 3}}));
  EXPECT_FALSE(matches({.server = ServerId{1, 2}}, {}));
}

TEST(JobFilter, ASearchEndsWhereTheOrderLeavesTheBounds) {
  const JobQuery query{.since_from = noon, .since_before = noon + 1h};
  const JobFilter filter{query};
  for (const StateKind latest_first : {StateKind::parked, StateKind::final}) {
    EXPECT_FALSE(filter.is_beyond(latest_first, noon + 2h));
    EXPECT_FALSE(filter.is_beyond(latest_first, noon));
    EXPECT_TRUE(filter.is_beyond(latest_first, noon - 1us));
  }
  for (const StateKind longest_first : {StateKind::waiting, StateKind::running}) {
    EXPECT_FALSE(filter.is_beyond(longest_first, noon - 2h));
    EXPECT_FALSE(filter.is_beyond(longest_first, noon + 1h - 1us));
    EXPECT_TRUE(filter.is_beyond(longest_first, noon + 1h));
  }
  for (const StateKind other_order : {StateKind::ready, StateKind::timed}) {
    EXPECT_FALSE(filter.is_beyond(other_order, noon - 1h));
    EXPECT_FALSE(filter.is_beyond(other_order, noon + 2h));
  }
}

}  // namespace
}  // namespace portfire
