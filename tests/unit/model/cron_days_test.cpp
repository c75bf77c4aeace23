// Which days and times fit, in UTC.

#include <portfire/cron.hpp>

#include <gtest/gtest.h>
#include <portfire/time.hpp>

namespace portfire {
namespace {

using Texts = std::vector<std::string>;

TimePoint at(const std::string& text) {
  const auto instant = parse_time(text.size() == 10 ? text + "T00:00:00Z" : text + "Z");
  if (!instant) throw std::runtime_error{text};
  return *instant;
}

// The next occurrences, as dates when all of them are at midnight.
Texts next(const std::string& expression, const std::string& from, std::size_t count) {
  const Cron cron = Cron::parse(expression);
  Texts texts;
  auto found = cron.next(at(from), {}, {.inclusive = true});
  for (; found && texts.size() < count; found = cron.next(*found)) {
    std::string text = to_string(TimePoint{*found}).substr(0, 19);
    if (text.find("T00:00:00") != std::string::npos) text.resize(10);
    texts.push_back(text);
  }
  return texts;
}

TEST(CronDays, FieldsOfTheClock) {
  EXPECT_EQ(next("* * * * *", "2026-01-01T00:00:01", 1), Texts{"2026-01-01T00:01:00"});
  EXPECT_EQ(next("*/20 * * * * *", "2026-01-01T23:59:41", 2),
            (Texts{"2026-01-02", "2026-01-02T00:00:20"}));
  EXPECT_EQ(next("50-10/20 * * * * *", "2026-01-01T00:00:51", 3),
            (Texts{"2026-01-01T00:01:10", "2026-01-01T00:01:50", "2026-01-01T00:02:10"}));
  EXPECT_EQ(next("0 22-1 * * *", "2026-01-01T02:00:00", 5),
            (Texts{"2026-01-01T22:00:00", "2026-01-01T23:00:00", "2026-01-02",
                   "2026-01-02T01:00:00", "2026-01-02T22:00:00"}));
  // 21, 23, then one beyond 24: the stride goes on across midnight.
  EXPECT_EQ(next("0 21-5/2 * * *", "2026-01-01T20:00:00", 5),
            (Texts{"2026-01-01T21:00:00", "2026-01-01T23:00:00", "2026-01-02T01:00:00",
                   "2026-01-02T03:00:00", "2026-01-02T05:00:00"}));
  EXPECT_EQ(next("5,45-15/10 1 * * *", "2026-01-01T00:00:00", 5),
            (Texts{"2026-01-01T01:05:00", "2026-01-01T01:15:00", "2026-01-01T01:45:00",
                   "2026-01-01T01:55:00", "2026-01-02T01:05:00"}));
  EXPECT_EQ(next("58/1 23 * * *", "2026-12-31T00:00:00", 3),
            (Texts{"2026-12-31T23:58:00", "2026-12-31T23:59:00", "2027-01-01T23:58:00"}));
}

TEST(CronDays, MonthsAndDaysWrap) {
  EXPECT_EQ(next("0 0 1 DEC-FEB *", "2026-01-15", 4),
            (Texts{"2026-02-01", "2026-12-01", "2027-01-01", "2027-02-01"}));
  EXPECT_EQ(next("0 0 1 nov-3/2 *", "2026-01-02", 4),
            (Texts{"2026-03-01", "2026-11-01", "2027-01-01", "2027-03-01"}));
  EXPECT_EQ(next("0 0 20-5/5 * *", "2026-05-31", 5),
            (Texts{"2026-06-04", "2026-06-20", "2026-06-25", "2026-06-30", "2026-07-04"}));
  EXPECT_EQ(next("0 0 * * FRI-MON", "2026-11-24", 5),
            (Texts{"2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30", "2026-12-04"}));
  EXPECT_EQ(next("0 0 * * 5-7", "2026-11-24", 4),
            (Texts{"2026-11-27", "2026-11-28", "2026-11-29", "2026-12-04"}));
  EXPECT_EQ(next("0 0 * * SAT-TUE/2", "2026-11-24", 3),
            (Texts{"2026-11-28", "2026-11-30", "2026-12-05"}));
}

TEST(CronDays, SundayHasTwoNumbers) {
  for (const char* sunday : {"0", "7", "SUN", "7-7", "*/7", "00", "7-0"}) {
    EXPECT_EQ(next(std::string{"0 0 * * "} + sunday, "2026-11-24", 2),
              (Texts{"2026-11-29", "2026-12-06"}))
        << sunday;
  }
  EXPECT_TRUE(Cron::parse("0 0 * * 0-7") == Cron::parse("0 0 * * *"));
  EXPECT_TRUE(Cron::parse("0 0 * * 7-2/2") == Cron::parse("0 0 * * SUN,TUE"));
  EXPECT_TRUE(Cron::parse("0 0 * * 1/2") == Cron::parse("0 0 * * 1,3,5,0"));
  EXPECT_TRUE(Cron::parse("0 0 * * 7-6") == Cron::parse("0 0 * * ?"));
}

TEST(CronDays, LastDays) {
  EXPECT_EQ(next("0 0 L * *", "2027-12-31", 4),
            (Texts{"2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"}));
  EXPECT_TRUE(Cron::parse("0 0 l-0 * *") == Cron::parse("0 0 L * *"));
  EXPECT_EQ(next("0 0 L-1 2 *", "2026-01-01", 3),
            (Texts{"2026-02-27", "2027-02-27", "2028-02-28"}));
  // Only months of 31 days have a day thirty before the last.
  EXPECT_EQ(next("0 0 L-30 * *", "2026-01-02", 3),
            (Texts{"2026-03-01", "2026-05-01", "2026-07-01"}));
  EXPECT_EQ(next("0 0 L-28 2 *", "2026-01-01", 2), (Texts{"2028-02-01", "2032-02-01"}));
  EXPECT_EQ(next("0 0 L-29 2 *", "2026-01-01", 2), Texts{});
}

TEST(CronDays, NearestWorkingDays) {
  // 2026-08-15 is a Saturday, 2026-11-15 a Sunday, 2026-12-15 a Tuesday.
  EXPECT_EQ(next("0 0 15W 8,11,12 *", "2026-01-01", 3),
            (Texts{"2026-08-14", "2026-11-16", "2026-12-15"}));
  // The 1st is a Saturday in August 2026: never back into July.
  EXPECT_EQ(next("0 0 1W * *", "2026-08-01", 3), (Texts{"2026-08-03", "2026-09-01", "2026-10-01"}));
  // The 31st is a Sunday in May 2026 and a Saturday in October; never on into the next month.
  EXPECT_EQ(next("0 0 31w * *", "2026-05-01", 4),
            (Texts{"2026-05-29", "2026-07-31", "2026-08-31", "2026-10-30"}));
  EXPECT_EQ(next("0 0 LW * *", "2026-02-01", 4),
            (Texts{"2026-02-27", "2026-03-31", "2026-04-30", "2026-05-29"}));
  EXPECT_EQ(next("0 0 L-2W * *", "2017-02-01", 2), (Texts{"2017-02-27", "2017-03-29"}));
  // Thirty before the last is the 1st: a Saturday in August 2026 moves on to the 3rd.
  EXPECT_EQ(next("0 0 L-30W 8 *", "2026-01-01", 1), Texts{"2026-08-03"});
  EXPECT_EQ(next("0 0 29W 2 *", "2026-01-01", 2), (Texts{"2028-02-29", "2032-02-27"}));
}

TEST(CronDays, WeeksOfTheMonth) {
  EXPECT_EQ(next("0 0 * * FRIL", "2026-11-01", 2), (Texts{"2026-11-27", "2026-12-25"}));
  EXPECT_EQ(next("0 0 * * 7l", "2026-11-01", 2), (Texts{"2026-11-29", "2026-12-27"}));
  EXPECT_EQ(next("0 0 * * MON#1", "2026-11-01", 2), (Texts{"2026-11-02", "2026-12-07"}));
  EXPECT_EQ(next("0 0 * * 5#5", "2026-01-01", 3),
            (Texts{"2026-01-30", "2026-05-29", "2026-07-31"}));
  EXPECT_EQ(next("0 0 * 2 0#5", "2026-01-01", 2), (Texts{"2032-02-29", "2060-02-29"}));
}

TEST(CronDays, DaysOfMonthAndWeekMustBothFit) {
  EXPECT_EQ(next("0 0 13 * FRI", "2026-01-01", 4),
            (Texts{"2026-02-13", "2026-03-13", "2026-11-13", "2027-08-13"}));
  EXPECT_EQ(next("0 0 1-7 * MON", "2026-01-01", 2), (Texts{"2026-01-05", "2026-02-02"}));
  EXPECT_EQ(next("0 0 L * FRI#5", "2026-01-01", 2), (Texts{"2026-07-31", "2027-04-30"}));
  EXPECT_EQ(next("0 0 15W * SAT", "2026-01-01", 1), Texts{});
  EXPECT_EQ(next("0 0 29 2 MON", "2001-01-01", 3),
            (Texts{"2016-02-29", "2044-02-29", "2072-02-29"}));
}

TEST(CronDays, LeapDaysSkipCenturies) {
  EXPECT_EQ(next("0 0 29 2 *", "2095-01-01", 3), (Texts{"2096-02-29", "2104-02-29", "2108-02-29"}));
  EXPECT_EQ(next("0 0 29 2 *", "2399-01-01", 1), Texts{"2400-02-29"});
  // Forty years without: the Sunday of 2088 is followed by that of 2128.
  EXPECT_EQ(next("0 0 29 2 SUN", "2088-02-29", 2), (Texts{"2088-02-29", "2128-02-29"}));
}

TEST(CronDays, UnreachableDaysAreKnown) {
  for (const char* never :
       {"0 0 31 2 *", "* * 30 2 *", "0 0 31 4,6,9,11 *", "0 0 L-29 2 *", "0 0 31W 2 *",
        "0 0 15W * SUN", "0 0 1 * MON#2", "0 0 1-28 2 SUN#5", "0 0 L-7 * MONL", "0 0 8 * 3#1"}) {
    const Cron cron = Cron::parse(never);
    EXPECT_FALSE(cron.is_reachable()) << never;
    EXPECT_FALSE(cron.next(at("0001-01-01"))) << never;
    EXPECT_FALSE(cron.previous(at("9999-12-31"))) << never;
  }
  // Rare, but not impossible: only leap years that begin on one certain day.
  EXPECT_TRUE(Cron::parse("0 0 29 2 6#5").is_reachable());
  EXPECT_TRUE(Cron::parse("0 0 L-28 2 WED").is_reachable());
}

TEST(CronDays, TheYearsEndWith9999AndBeginWith1) {
  EXPECT_EQ(next("* * * * * *", "9999-12-31T23:59:58", 5),
            (Texts{"9999-12-31T23:59:58", "9999-12-31T23:59:59"}));
  EXPECT_EQ(next("0 0 29 2 *", "9996-02-29T00:00:01", 1), Texts{});
  EXPECT_EQ(next("0 0 1 1 *", "0001-01-01", 1), Texts{"0001-01-01"});
  const Cron newyear{"0 0 1 1 *"};
  EXPECT_FALSE(newyear.previous(at("0001-01-01")));
  EXPECT_EQ(newyear.previous(at("0001-01-01"), {}, {.inclusive = true}), at("0001-01-01"));
  // Instants far out of range, as a caller's clock may give them.
  EXPECT_EQ(newyear.next(TimePoint::min()), at("0001-01-01"));
  EXPECT_EQ(newyear.previous(TimePoint::max()), at("9999-01-01"));
  EXPECT_FALSE(newyear.next(TimePoint::max()));
  EXPECT_FALSE(newyear.previous(TimePoint::min()));
}

}  // namespace
}  // namespace portfire
