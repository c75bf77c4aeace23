// Occurrences in time zones: gaps, repetitions, offsets of all kinds and all times.

#include <portfire/cron.hpp>

#include <gtest/gtest.h>
#include <portfire/time.hpp>

namespace portfire {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

TimePoint at(const char* text) {
  const auto instant = parse_time(text);
  if (!instant) throw std::runtime_error{text};
  return *instant;
}

Texts next(const char* expression, const char* zone_name, const char* from, std::size_t count,
           bool inclusive = false) {
  const Cron cron = Cron::parse(expression);
  const TimeZone zone{zone_name};
  Texts texts;
  auto found = cron.next(at(from), zone, {.inclusive = inclusive});
  for (; found && texts.size() < count; found = cron.next(*found, zone)) {
    texts.push_back(zone.to_string(*found));
  }
  return texts;
}

Texts previous(const char* expression, const char* zone_name, const char* from, std::size_t count,
               bool inclusive = false) {
  const Cron cron = Cron::parse(expression);
  const TimeZone zone{zone_name};
  Texts texts;
  auto found = cron.previous(at(from), zone, {.inclusive = inclusive});
  for (; found && texts.size() < count; found = cron.previous(*found, zone)) {
    texts.push_back(zone.to_string(*found));
  }
  return texts;
}

TEST(CronZones, WhatTheClocksLeaveOutComesAtTheFirstInstantAfterIt) {
  const char* const berlin = "Europe/Berlin";
  EXPECT_EQ(next("30 2 * * *", berlin, "2026-03-28T12:00:00+01:00", 2),
            (Texts{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}));
  // Once, however often it would have come.
  EXPECT_EQ(next("0 */20 2 * * *", berlin, "2026-03-28T12:00:00+01:00", 2),
            (Texts{"2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"}));
  EXPECT_EQ(next("15 * * * *", berlin, "2026-03-29T01:15:00+01:00", 3),
            (Texts{"2026-03-29T03:00:00+02:00", "2026-03-29T03:15:00+02:00",
                   "2026-03-29T04:15:00+02:00"}));
  EXPECT_EQ(next("0,30 2,3 * * *", berlin, "2026-03-29T00:00:00+01:00", 3),
            (Texts{"2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00",
                   "2026-03-30T02:00:00+02:00"}));
}

TEST(CronZones, WhatTheClocksLeaveOutIsFoundOnlyFromBeforeIt) {
  const char* const berlin = "Europe/Berlin";
  const Texts three = {"2026-03-29T03:00:00+02:00"};
  const Texts tomorrow = {"2026-03-30T02:30:00+02:00"};
  EXPECT_EQ(next("30 2 * * *", berlin, "2026-03-29T01:59:59+01:00", 1), three);
  EXPECT_EQ(next("30 2 * * *", berlin, "2026-03-29T01:59:59.999999+01:00", 1), three);
  EXPECT_EQ(next("30 2 * * *", berlin, "2026-03-29T01:59:59+01:00", 1, true), three);
  EXPECT_EQ(next("30 2 * * *", berlin, "2026-03-29T03:00:00+02:00", 1), tomorrow);
  EXPECT_EQ(next("30 2 * * *", berlin, "2026-03-29T03:00:00+02:00", 1, true), tomorrow);
  // What clocks do show at that instant is found at it.
  EXPECT_EQ(next("0 2,3 * * *", berlin, "2026-03-29T03:00:00+02:00", 1, true), three);
  EXPECT_EQ(previous("30 2 * * *", berlin, "2026-03-29T12:00:00+02:00", 2),
            (Texts{"2026-03-29T03:00:00+02:00", "2026-03-28T02:30:00+01:00"}));
}

TEST(CronZones, RepeatedTimesAreForIntervals) {
  const char* const berlin = "Europe/Berlin";
  const Texts both = {"2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00",
                      "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00"};
  for (const char* interval : {"*/30 2 25 * *", "0 */30 2 25 * *", "0/30 2 25 * *",
                               "0,30 2-2 25 * *", "0 0,30 2/23 25 * *", "0-0 0,30 2 25 * *"}) {
    EXPECT_EQ(next(interval, berlin, "2026-10-25T01:59:59+02:00", 4), both) << interval;
    EXPECT_EQ(previous(interval, berlin, "2026-10-25T12:00:00+01:00", 4),
              Texts(both.rbegin(), both.rend()))
        << interval;
  }
  for (const char* fixed : {"0,30 2 25 * *", "0 0,30 2 * * *", "0,30 2 */1 1-12 0-6"}) {
    const Texts found = next(fixed, berlin, "2026-10-25T01:59:59+02:00", 3);
    EXPECT_EQ(found[0], both[0]) << fixed;
    EXPECT_EQ(found[1], both[1]) << fixed;
    EXPECT_GT(found[2], "2026-10-26") << fixed;
    EXPECT_EQ(previous(fixed, berlin, "2026-10-25T12:00:00+01:00", 2), (Texts{both[1], both[0]}))
        << fixed;
    // Nothing of it in the second pass, from wherever one looks.
    EXPECT_GT(next(fixed, berlin, "2026-10-25T02:00:00+01:00", 1, true)[0], "2026-10-26") << fixed;
    EXPECT_EQ(previous(fixed, berlin, "2026-10-25T02:15:00+01:00", 1, true), Texts{both[1]})
        << fixed;
  }
  // The instant of the change itself.
  EXPECT_EQ(next("*/30 * * * *", berlin, "2026-10-25T02:00:00+01:00", 1, true), Texts{both[2]});
  EXPECT_EQ(previous("*/30 * * * *", berlin, "2026-10-25T02:00:00+01:00", 1, true), Texts{both[2]});
  EXPECT_EQ(previous("*/30 * * * *", berlin, "2026-10-25T02:00:00+01:00", 1), Texts{both[1]});
  EXPECT_EQ(next("* * * * * *", berlin, "2026-10-25T02:59:59+02:00", 1), Texts{both[2]});
  EXPECT_EQ(next("* * * * * *", berlin, "2026-10-25T02:59:59+01:00", 1),
            Texts{"2026-10-25T03:00:00+01:00"});
}

TEST(CronZones, ChangesOfOddSizes) {
  // Half an hour, at two in the southern autumn and spring.
  EXPECT_EQ(
      next("*/15 * * * *", "Australia/Lord_Howe", "2026-04-05T01:29:00+11:00", 5),
      (Texts{"2026-04-05T01:30:00+11:00", "2026-04-05T01:45:00+11:00", "2026-04-05T01:30:00+10:30",
             "2026-04-05T01:45:00+10:30", "2026-04-05T02:00:00+10:30"}));
  EXPECT_EQ(next("10 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00+10:30", 1),
            Texts{"2026-10-04T02:30:00+11:00"});
  // Two hours.
  EXPECT_EQ(next("30 1 * * *", "Antarctica/Troll", "2026-03-28T12:00:00Z", 2),
            (Texts{"2026-03-29T03:00:00+02:00", "2026-03-30T01:30:00+02:00"}));
  EXPECT_EQ(next("0 1-2 25 10 *", "Antarctica/Troll", "2026-10-24T12:00:00Z", 4),
            (Texts{"2026-10-25T01:00:00+02:00", "2026-10-25T02:00:00+02:00",
                   "2026-10-25T01:00:00+00:00", "2026-10-25T02:00:00+00:00"}));
  // At midnight: the day begins at one.
  EXPECT_EQ(next("0 0 * * *", "Asia/Beirut", "2026-03-28T12:00:00+02:00", 2),
            (Texts{"2026-03-29T01:00:00+03:00", "2026-03-30T00:00:00+03:00"}));
  EXPECT_EQ(next("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00-03:00", 1),
            Texts{"2018-11-04T01:00:00-02:00"});
  // At midnight backwards: the last hour of the day comes twice.
  EXPECT_EQ(next("30 23 * * *", "America/Sao_Paulo", "2018-02-17T12:00:00-02:00", 2),
            (Texts{"2018-02-17T23:30:00-02:00", "2018-02-18T23:30:00-03:00"}));
  EXPECT_EQ(next("*/30 23 * * *", "America/Sao_Paulo", "2018-02-17T23:10:00-02:00", 3),
            (Texts{"2018-02-17T23:30:00-02:00", "2018-02-17T23:00:00-03:00",
                   "2018-02-17T23:30:00-03:00"}));
  // A minute after midnight, for a quarter of a century.
  EXPECT_EQ(next("30 0 * * *", "America/St_Johns", "2010-03-13T12:00:00-03:30", 1),
            Texts{"2010-03-14T01:01:00-02:30"});
  // A day that never was.
  EXPECT_EQ(next("0 12 * * *", "Pacific/Apia", "2011-12-29T12:00:00-10:00", 2),
            (Texts{"2011-12-31T00:00:00+14:00", "2011-12-31T12:00:00+14:00"}));
  EXPECT_EQ(next("0 12 30 12 *", "Pacific/Apia", "2011-01-01T00:00:00Z", 2),
            (Texts{"2011-12-31T00:00:00+14:00", "2012-12-30T12:00:00+14:00"}));
}

TEST(CronZones, AllYearsHaveTheirRules) {
  const char* const berlin = "Europe/Berlin";
  for (const char* year : {"2037", "2038", "2050", "2400", "2401", "9999"}) {
    const std::string start = std::string{year} + "-01-01T00:00:00Z";
    EXPECT_EQ(next("0 12 1 1,7 *", berlin, start.c_str(), 2),
              (Texts{std::string{year} + "-01-01T12:00:00+01:00",
                     std::string{year} + "-07-01T12:00:00+02:00"}));
  }
  EXPECT_EQ(next("30 2 * * *", berlin, "2400-03-25T12:00:00Z", 1),
            Texts{"2400-03-26T03:00:00+02:00"});
  EXPECT_EQ(next("0 2-3 31 10 *", berlin, "2050-10-29T12:00:00Z", 1),
            Texts{"2050-10-31T02:00:00+01:00"});
  EXPECT_EQ(next("*/30 2 * * *", berlin, "2050-10-30T00:40:00Z", 2),
            (Texts{"2050-10-30T02:00:00+01:00", "2050-10-30T02:30:00+01:00"}));
  EXPECT_EQ(next("0 12 * * *", "Australia/Lord_Howe", "9999-12-31T00:00:00Z", 2),
            Texts{"9999-12-31T12:00:00+11:00"});
}

TEST(CronZones, BeforeStandardTimeOffsetsHaveSeconds) {
  // New York left its own time, 3 minutes and 58 seconds behind, on 1883-11-18 at noon.
  EXPECT_EQ(next("0 12 * * *", "America/New_York", "1883-11-16T17:00:00Z", 3),
            (Texts{"1883-11-17T12:00:00-04:56", "1883-11-18T12:00:00-04:56",
                   "1883-11-19T12:00:00-05:00"}));
  EXPECT_EQ(next("* * * * * *", "America/New_York", "1883-11-18T17:00:00Z", 1),
            Texts{"1883-11-18T12:00:01-05:00"});
  EXPECT_EQ(next("0 0 1 1 *", "Africa/Monrovia", "1971-06-01T00:00:00Z", 2),
            (Texts{"1972-01-01T00:00:00-00:44", "1973-01-01T00:00:00+00:00"}));
  EXPECT_EQ(next("0 0 1 1 *", "Asia/Tokyo", "0001-01-01T00:00:00Z", 1),
            Texts{"0002-01-01T00:00:00+09:18"});
  // The first of all years begins earlier in the east.
  EXPECT_EQ(TimeZone{"Asia/Tokyo"}.to_string(
                *Cron{"0 0 1 1 *"}.next(TimePoint::min(), TimeZone{"Asia/Tokyo"})),
            "0001-01-01T00:00:00+09:18");
}

TEST(CronZones, FractionsAreNeverCutOff) {
  const Cron every_second{"* * * * * *"};
  const auto noon = std::chrono::sys_days{std::chrono::year{2026} / 6 / 1} + 12h;
  EXPECT_EQ(every_second.next(noon + 1ns, {}, {.inclusive = true}), noon + 1s);
  EXPECT_EQ(every_second.next(noon - 1ns), noon);
  EXPECT_EQ(every_second.next(noon, {}, {.inclusive = true}), noon);
  EXPECT_EQ(every_second.next(noon), noon + 1s);
  EXPECT_EQ(every_second.previous(noon + 1ns), noon);
  EXPECT_EQ(every_second.previous(noon - 1ns, {}, {.inclusive = true}), noon - 1s);
  EXPECT_EQ(every_second.previous(noon), noon - 1s);
  const auto before_epoch = std::chrono::sys_time<std::chrono::milliseconds>{-1500ms};
  EXPECT_EQ(every_second.next(before_epoch), std::chrono::sys_seconds{-1s});
  EXPECT_EQ(every_second.previous(before_epoch), std::chrono::sys_seconds{-2s});
}

}  // namespace
}  // namespace portfire
