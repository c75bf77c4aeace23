// Occurrences of cron expressions and intervals, within bounds, around days left out.

#include "model/occurrences.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/error.hpp>

namespace portfire::occurrences_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::year_month_day;

TimePoint at(std::string_view text) { return parse_time(text).value(); }

Occurrences occurrences(const Schedule& schedule, const std::string& zone = "UTC",
                        Occurrences::Bounds bounds = {}) {
  return {schedule, TimeZone{zone}, std::move(bounds), "seed"};
}

year_month_day day(int year, unsigned month, unsigned number) {
  return std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{number};
}

TEST(Occurrences, AnExpressionIsFoundAtAndAfterAnInstant) {
  const Occurrences daily = occurrences("0 8 * * *");
  EXPECT_EQ(daily.at_or_after(at("2026-03-01T08:00:00Z")), at("2026-03-01T08:00:00Z"));
  EXPECT_EQ(daily.after(at("2026-03-01T08:00:00Z")), at("2026-03-02T08:00:00Z"));
  EXPECT_EQ(daily.at_or_before(at("2026-03-01T08:00:00Z")), at("2026-03-01T08:00:00Z"));
  EXPECT_EQ(daily.before(at("2026-03-01T08:00:00Z")), at("2026-02-28T08:00:00Z"));
  EXPECT_EQ(daily.at_or_before(at("2026-03-01T07:59:59.999999Z")), at("2026-02-28T08:00:00Z"));
}

TEST(Occurrences, AnIntervalKeepsItsDistanceFromItsAnchorOnBothSides) {
  const TimePoint anchor = at("2026-01-01T00:00:10Z");
  const Occurrences steady = occurrences(every(90s, anchor));
  EXPECT_EQ(steady.at_or_after(anchor), anchor);
  EXPECT_EQ(steady.after(anchor), anchor + 90s);
  EXPECT_EQ(steady.before(anchor), anchor - 90s);
  EXPECT_EQ(steady.at_or_after(anchor + 1us), anchor + 90s);
  EXPECT_EQ(steady.at_or_before(anchor + 90s - 1us), anchor);
  EXPECT_EQ(steady.at_or_before(anchor - 1us), anchor - 90s);
  EXPECT_EQ(steady.at_or_after(anchor - 89s), anchor);
}

TEST(Occurrences, AnIntervalWithoutAnAnchorCountsFrom1970) {
  EXPECT_EQ(occurrences(every(1h)).at_or_after(at("2026-01-01T10:20:00Z")),
            at("2026-01-01T11:00:00Z"));
}

TEST(Occurrences, AnIntervalOutOfRangeIsAMistake) {
  EXPECT_THROW(every(999ms), UsageError);
  EXPECT_THROW(every(Duration{-1}), UsageError);
  EXPECT_THROW(every(std::chrono::hours{24 * 365 * 101}), UsageError);
  EXPECT_EQ(every(90s).describe(), "Every 1m30s");
}

TEST(Occurrences, ThereAreNoneOutsideOfTheBounds) {
  const Occurrences bounded = occurrences(
      "0 * * * *", "UTC", {.start = at("2026-01-01T10:00:00Z"), .end = at("2026-01-01T12:00:00Z")});
  EXPECT_EQ(bounded.at_or_after(at("2020-01-01T00:00:00Z")), at("2026-01-01T10:00:00Z"));
  EXPECT_EQ(bounded.after(at("2026-01-01T11:30:00Z")), at("2026-01-01T12:00:00Z"));
  EXPECT_EQ(bounded.after(at("2026-01-01T12:00:00Z")), std::nullopt);
  EXPECT_EQ(bounded.at_or_before(at("2030-01-01T00:00:00Z")), at("2026-01-01T12:00:00Z"));
  EXPECT_EQ(bounded.before(at("2026-01-01T10:00:00Z")), std::nullopt);
}

TEST(Occurrences, DaysOfTheZoneAreLeftOut) {
  const Occurrences daily =
      occurrences("30 0 * * *", "Asia/Tokyo", {.except = {day(2026, 1, 2), day(2026, 1, 1)}});
  // 2026-01-01 in Tokyo begins at 15:00 the day before in UTC.
  EXPECT_EQ(daily.after(at("2025-12-31T00:00:00Z")), at("2026-01-02T15:30:00Z"));
  EXPECT_EQ(daily.before(at("2026-01-02T15:30:00Z")), at("2025-12-30T15:30:00Z"));
}

TEST(Occurrences, OfAnIntervalToo) {
  const Occurrences hourly =
      occurrences(every(1h), "America/New_York", {.except = {day(2026, 7, 4)}});
  EXPECT_EQ(hourly.after(at("2026-07-04T03:00:00Z")), at("2026-07-05T04:00:00Z"));
  EXPECT_EQ(hourly.before(at("2026-07-05T04:00:00Z")), at("2026-07-04T03:00:00Z"));
}

// In Cairo midnight itself was left out on 2014-05-16, and in Havana it comes twice in autumn.
TEST(Occurrences, ADayMayBeginLateOrTwice) {
  const Occurrences cairo =
      occurrences("15 * * * *", "Africa/Cairo", {.except = {day(2014, 5, 15)}});
  EXPECT_EQ(cairo.after(at("2014-05-14T20:20:00Z")), at("2014-05-14T21:15:00Z"));
  EXPECT_EQ(cairo.after(at("2014-05-14T21:15:00Z")), at("2014-05-15T22:15:00Z"));
  const Occurrences havana =
      occurrences("30 * * * *", "America/Havana", {.except = {day(2026, 11, 1)}});
  EXPECT_EQ(havana.after(at("2026-11-01T03:30:00Z")), at("2026-11-02T05:30:00Z"));
  EXPECT_EQ(havana.before(at("2026-11-02T05:30:00Z")), at("2026-11-01T03:30:00Z"));
}

TEST(Occurrences, WhereAllDaysAreLeftOutThereAreNone) {
  const Occurrences yearly = occurrences(
      "0 0 25 12 *", "UTC",
      {.end = at("2028-01-01T00:00:00Z"), .except = {day(2026, 12, 25), day(2027, 12, 25)}});
  EXPECT_EQ(yearly.after(at("2026-01-01T00:00:00Z")), std::nullopt);
}

TEST(Occurrences, AnUndecidedFieldIsDecidedByTheSeed) {
  const Schedule hashed = Cron::parse("H H * * *");
  const Occurrences one{hashed, TimeZone{}, {}, "one"};
  const Occurrences again{hashed, TimeZone{}, {}, "one"};
  const TimePoint from = at("2026-01-01T00:00:00Z");
  EXPECT_TRUE(one.after(from));
  EXPECT_EQ(one.after(from), again.after(from));
}

TEST(Occurrences, UnreachableOnesHaveNone) {
  EXPECT_EQ(occurrences(Cron::never()).after(at("2026-01-01T00:00:00Z")), std::nullopt);
  EXPECT_EQ(occurrences(Cron::never()).before(at("2026-01-01T00:00:00Z")), std::nullopt);
}

}  // namespace
}  // namespace portfire::occurrences_test
