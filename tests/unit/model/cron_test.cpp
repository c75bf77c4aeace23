// Literals, seeds, ranges, and the ready-made expressions.

#include <portfire/cron.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <portfire/error.hpp>
#include <portfire/time.hpp>

namespace portfire {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::year;

constexpr Cron global{"30 8 * * MON-FRI"};
static_assert(global.is_reachable() && !global.is_interval() && !global.needs_seed());
static_assert(Cron{"@hourly"}.is_interval());
static_assert(Cron{"0 0 31 2 *"} == Cron{"0 0 31 FEB ?"} && !Cron{"0 0 31 2 *"}.is_reachable());

TEST(Cron, LiteralsAreTheSameAsTextsThatAreRead) {
  EXPECT_EQ(global.text(), "30 8 * * MON-FRI");
  EXPECT_TRUE(global == Cron::parse("30 8 ? JAN-DEC 1-5"));
  EXPECT_FALSE(global == Cron::parse("30 8 * * 1-6"));
  // Alike but for the repeated hour of autumn.
  EXPECT_FALSE(Cron{"5 1 * * *"} == Cron{"5-5 1 * * *"});
}

TEST(Cron, CopiesKeepTheirText) {
  std::vector<Cron> all;
  for (int i = 0; i < 40; ++i) all.push_back(Cron::parse(std::to_string(i) + " 1 * * *"));
  all.push_back(global);
  Cron copy = all[7];
  all.clear();
  EXPECT_EQ(copy.text(), "7 1 * * *");
  copy = global;
  EXPECT_EQ(copy.text(), global.text());
  Cron moved = Cron::parse("1 2 3 4 5");
  copy = std::move(moved);
  EXPECT_EQ(copy.text(), "1 2 3 4 5");
}

TEST(Cron, SeedsChooseTheSameNumbersForEver) {
  const Cron jittered{"H H * * *"};
  EXPECT_TRUE(jittered.needs_seed());
  EXPECT_THROW(static_cast<void>(jittered.next(sys_days{year{2026} / 1 / 1})), UsageError);
  EXPECT_THROW(static_cast<void>(jittered.previous(sys_days{year{2026} / 1 / 1})), UsageError);
  EXPECT_THROW(static_cast<void>(
                   jittered.between(sys_days{year{2026} / 1 / 1}, sys_days{year{2026} / 1 / 2})),
               UsageError);
  const Cron digest = jittered.with_seed("digest");
  EXPECT_FALSE(digest.needs_seed());
  EXPECT_FALSE(digest.is_interval());
  EXPECT_EQ(digest.text(), jittered.text());
  // These numbers must never change: schedules that are stored depend on them.
  EXPECT_EQ(digest.describe(), "At 01:34, every day");
  EXPECT_EQ(jittered.with_seed("report").describe(), "At 08:50, every day");
  EXPECT_EQ(Cron{"H H H H H H"}.with_seed("digest").describe(),
            "At 01:34:59, on day 3 of August, if that is a Tuesday");
  EXPECT_FALSE(Cron{"H 0 * * *"} == Cron{"H/2 0 * * *"});
}

TEST(Cron, SeedsSpreadEvenlyAndStayInRange) {
  std::array<int, 60> minutes{};
  for (int i = 0; i < 6'000; ++i) {
    const std::string seed = "job " + std::to_string(i);
    const auto first = Cron{"H 0 H H H"}.with_seed(seed);
    EXPECT_TRUE(first.is_reachable()) << seed;
    const Cron hourly = Cron{"H * * * *"}.with_seed(seed);
    const auto at = hourly.next(sys_days{year{2026} / 1 / 1}, {}, {.inclusive = true});
    ++minutes.at(static_cast<std::size_t>((*at - sys_days{year{2026} / 1 / 1}) / 1min));
    // A step keeps its distance.
    const Cron quarters = Cron{"H/15 * * * *"}.with_seed(seed);
    EXPECT_TRUE(quarters.is_interval());
    const auto one = quarters.next(sys_days{year{2026} / 1 / 1}, {}, {.inclusive = true});
    EXPECT_LT(*one, sys_days{year{2026} / 1 / 1} + 15min);
    EXPECT_EQ(*quarters.next(*one), *one + 15min);
  }
  for (const int count : minutes) EXPECT_NEAR(count, 100, 60);
}

TEST(Cron, RangesHaveTheEndsThatAreAskedFor) {
  const auto noon = sys_days{year{2026} / 6 / 1} + 12h;
  const auto count = [&](auto from, auto to, CronSpan span) {
    std::vector<std::chrono::minutes> found;
    for (const auto at : Cron{"* * * * *"}.between(from, to, {}, span)) {
      found.push_back(std::chrono::duration_cast<std::chrono::minutes>(at - noon));
    }
    return found;
  };
  using Minutes = std::vector<std::chrono::minutes>;
  EXPECT_EQ(count(noon, noon + 2min, {}), (Minutes{0min, 1min}));
  EXPECT_EQ(count(noon, noon + 2min, {.include_from = false}), Minutes{1min});
  EXPECT_EQ(count(noon, noon + 2min, {.include_to = true}), (Minutes{0min, 1min, 2min}));
  EXPECT_EQ(count(noon + 1us, noon + 2min + 1us, {}), (Minutes{1min, 2min}));
  EXPECT_EQ(count(noon, noon, {}), Minutes{});
  EXPECT_EQ(count(noon, noon, {.include_to = true}), Minutes{0min});
  EXPECT_EQ(count(noon, noon - 1h, {}), Minutes{});
}

TEST(Cron, ReadyMadeOnes) {
  using std::chrono::Friday;
  using std::chrono::March;
  EXPECT_EQ(Cron::minutely().text(), "* * * * *");
  EXPECT_EQ(Cron::hourly().text(), "0 * * * *");
  EXPECT_EQ(Cron::hourly(7).text(), "7 * * * *");
  EXPECT_EQ(Cron::daily().text(), "0 0 * * *");
  EXPECT_EQ(Cron::daily(8, 30).text(), "30 8 * * *");
  EXPECT_EQ(Cron::weekly().text(), "0 0 * * 1");
  EXPECT_EQ(Cron::weekly(Friday, 17, 5).text(), "5 17 * * 5");
  EXPECT_EQ(Cron::monthly().text(), "0 0 1 * *");
  EXPECT_EQ(Cron::monthly(15, 6, 45).text(), "45 6 15 * *");
  EXPECT_EQ(Cron::yearly().text(), "0 0 1 1 *");
  EXPECT_EQ(Cron::yearly(March, 14, 15, 9).text(), "9 15 14 3 *");
  EXPECT_FALSE(Cron::never().is_reachable());
  EXPECT_EQ(Cron::every_minutes(5).text(), "*/5 * * * *");
  EXPECT_EQ(Cron::every_hours(6).text(), "0 */6 * * *");
  EXPECT_EQ(Cron::every_days(2).text(), "0 0 */2 * *");
  EXPECT_EQ(Cron::every_months(3).text(), "0 0 1 */3 *");
  EXPECT_THROW(static_cast<void>(Cron::daily(24)), UsageError);
  EXPECT_THROW(static_cast<void>(Cron::hourly(-1)), UsageError);
  EXPECT_THROW(static_cast<void>(Cron::every_minutes(0)), UsageError);
  EXPECT_THROW(static_cast<void>(Cron::weekly(std::chrono::weekday{9})), UsageError);
}

}  // namespace
}  // namespace portfire
