// Random expressions against the oracle.

#include <algorithm>

#include <portfire/cron.hpp>
#include <portfire/time.hpp>

#include <gtest/gtest.h>

#include "unit/model/cron_oracle.hpp"

namespace portfire::cron_property_test {
namespace {

using namespace std::chrono_literals;
using cron_oracle::between;
using cron_oracle::Expression;
using cron_oracle::Firing;
using cron_oracle::Random;
using std::chrono::sys_seconds;

sys_seconds random_instant(Random& random, sys_seconds first, sys_seconds last) {
  return first + std::chrono::seconds{std::uniform_int_distribution<std::int64_t>{
                     0, (last - first).count()}(random)};
}

sys_seconds start_of(int year) { return std::chrono::sys_days{std::chrono::year{year} / 1 / 1}; }

// An instant near a change of clocks if the year has one.
sys_seconds interesting_instant(Random& random, const TimeZone& zone, int year) {
  const sys_seconds start = start_of(year);
  const sys_seconds end = start + std::chrono::days{365};
  sys_seconds early = random_instant(random, start, end);
  if (between(random, 0, 5) == 0) return early;
  while (early < end && zone.offset_at(early) == zone.offset_at(early + 6h)) early += 6h;
  if (early >= end) return random_instant(random, start, end);
  sys_seconds late = early + 6h;
  while (late - early > 1s) {
    const sys_seconds middle = early + (late - early) / 2;
    (zone.offset_at(middle) == zone.offset_at(early) ? early : late) = middle;
  }
  if (between(random, 0, 3) == 0) return late + std::chrono::seconds{between(random, -2, 2)};
  return random_instant(random, late - 5h, late + 5h);
}

struct Question {
  sys_seconds from;
  bool fraction;
  bool inclusive;
};

std::optional<sys_seconds> expected_next(const std::vector<Firing>& firings, Question question) {
  for (const Firing& firing : firings) {
    const bool here = question.inclusive && !question.fraction && firing.at == question.from &&
                      !firing.only_from_gap;
    if (here || firing.at > question.from) return firing.at;
  }
  return std::nullopt;
}

std::optional<sys_seconds> expected_previous(const std::vector<Firing>& firings,
                                             Question question) {
  std::optional<sys_seconds> found;
  for (const Firing& firing : firings) {
    if (firing.at < question.from ||
        (firing.at == question.from && (question.inclusive || question.fraction))) {
      found = firing.at;
    }
  }
  return found;
}

TimePoint instant_of(Question question) {
  return TimePoint{question.from} + (question.fraction ? 1us : 0us);
}

std::string shown(const TimeZone& zone, std::optional<sys_seconds> instant) {
  return instant ? zone.to_string(*instant) : "none";
}

void compare(const Expression& expression, const TimeZone& zone, sys_seconds first,
             sys_seconds last, std::chrono::seconds step, Random& random) {
  const Cron cron = Cron::parse(expression.text);
  ASSERT_EQ(cron.is_interval(), expression.is_interval) << expression.text;
  const auto firings = cron_oracle::firings(expression, zone, first, last, step);
  for (int i = 0; i < 12; ++i) {
    Question question{.from = random_instant(random, first, last),
                      .fraction = between(random, 0, 3) == 0,
                      .inclusive = between(random, 0, 1) == 0};
    if (i % 2 == 0 && !firings.empty()) {
      question.from = firings[static_cast<std::size_t>(
                                  between(random, 0, static_cast<int>(firings.size()) - 1))]
                          .at +
                      std::chrono::seconds{between(random, -1, 1)};
      // What happens at the edges of what was looked at is not known in full.
      if (question.from < first || question.from > last) continue;
    }
    const TimePoint from = instant_of(question);
    const auto next = cron.next(from, zone, {.inclusive = question.inclusive});
    const auto previous = cron.previous(from, zone, {.inclusive = question.inclusive});
    const auto wanted_next = expected_next(firings, question);
    const auto wanted_previous = expected_previous(firings, question);
    const auto context = [&] {
      return "\"" + expression.text + "\" in " + zone.name() + " from " +
             zone.to_string(question.from) + (question.fraction ? " and a bit" : "") +
             (question.inclusive ? " inclusively" : "");
    };
    if (wanted_next || (next && *next <= last)) {
      EXPECT_EQ(shown(zone, next), shown(zone, wanted_next)) << context();
    }
    if (wanted_previous || (previous && *previous >= first)) {
      EXPECT_EQ(shown(zone, previous), shown(zone, wanted_previous)) << "before " << context();
    }
  }
}

constexpr std::array<const char*, 16> zones = {"UTC",
                                               "Europe/Berlin",
                                               "America/New_York",
                                               "Australia/Lord_Howe",
                                               "America/Sao_Paulo",
                                               "Asia/Beirut",
                                               "Africa/Monrovia",
                                               "America/St_Johns",
                                               "Pacific/Apia",
                                               "Antarctica/Troll",
                                               "Asia/Amman",
                                               "Africa/Casablanca",
                                               "America/Santiago",
                                               "Europe/Dublin",
                                               "Asia/Kathmandu",
                                               "Pacific/Kwajalein"};
constexpr std::array years = {1,    1883, 1900, 1916, 1941, 1945, 1972, 1993, 1994,
                              2011, 2018, 2026, 2037, 2050, 2400, 2401, 9999};

template <class Array>
auto one_of(Random& random, const Array& values) {
  return values[static_cast<std::size_t>(between(random, 0, static_cast<int>(values.size()) - 1))];
}

bool has_whole_minutes(const TimeZone& zone, sys_seconds first, sys_seconds last) {
  for (sys_seconds at = first; at <= last; at += 1h) {
    if (zone.offset_at(at) % 60s != 0s) return false;
  }
  return true;
}

TEST(CronProperties, OccurrencesAroundChangesOfClocksAreThoseOfTheOracle) {
  for (unsigned seed = 1; seed <= 300 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random{seed};
    const TimeZone zone{one_of(random, zones)};
    const sys_seconds around = interesting_instant(random, zone, one_of(random, years));
    const Expression expression = cron_oracle::random_expression(random, true);
    sys_seconds first = around - 30h;
    sys_seconds last = around + 30h;
    std::chrono::seconds step = 1min;
    if (expression.has_seconds || !has_whole_minutes(zone, first - 26h, last)) {
      if (seed % 4 != 0) continue;  // it takes its time
      first = around - 7h;
      last = around + 7h;
      step = 1s;
    } else {
      first = std::chrono::floor<std::chrono::minutes>(first);
    }
    compare(expression, zone, first, last, step, random);
  }
}

// Days only: the time of day is looked at above, and rare days need many years.
TEST(CronProperties, RareDaysAreThoseOfTheOracle) {
  for (unsigned seed = 1; seed <= 500 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random{seed};
    const Expression expression = cron_oracle::random_expression(random, false);
    const Cron cron = Cron::parse(expression.text);
    const int year = between(random, 0, 9) == 0 ? one_of(random, std::array{1, 9998, 2096})
                                                : between(random, 1, 9950);
    const auto start = std::chrono::floor<std::chrono::days>(
        random_instant(random, start_of(year), start_of(year) + std::chrono::days{365}));
    std::optional<std::chrono::sys_days> wanted;
    constexpr int most_days = 48 * 366;
    for (int i = 0; i < most_days && !wanted; ++i) {
      const auto day = start + std::chrono::days{i};
      if (expression.fits_date(day)) wanted = day;
    }
    const auto found = cron.next(start, {}, {.inclusive = true});
    if (!found) {
      EXPECT_FALSE(wanted) << expression.text;
      continue;
    }
    ASSERT_TRUE(wanted) << expression.text << " from " << year;
    EXPECT_EQ(std::chrono::floor<std::chrono::days>(*found), *wanted) << expression.text;
    EXPECT_TRUE(cron.is_reachable());
    // And back: nothing lies between.
    EXPECT_EQ(cron.previous(*found + 1s), found) << expression.text;
    const auto before = cron.previous(start);
    if (before) {
      EXPECT_LT(*before, start);
      EXPECT_EQ(cron.next(*before), found) << expression.text;
    }
  }
}

TEST(CronProperties, AnExpressionIsUnreachableWhenFourHundredYearsHaveNoDayForIt) {
  int unreachable = 0;
  for (unsigned seed = 1; seed <= 150; ++seed) {
    Random random{seed * 7919};
    const Expression expression = cron_oracle::random_expression(random, false);
    bool reachable = false;
    const std::chrono::sys_days start{std::chrono::year{2000} / 1 / 1};
    for (int i = 0; i < 146'097 && !reachable; ++i) {
      reachable = expression.fits_date(start + std::chrono::days{i});
    }
    const Cron cron = Cron::parse(expression.text);
    EXPECT_EQ(cron.is_reachable(), reachable) << expression.text;
    EXPECT_EQ(cron.next(start).has_value(), reachable) << expression.text;
    unreachable += reachable ? 0 : 1;
  }
  EXPECT_GT(unreachable, 0);
}

TEST(CronProperties, PreviousTurnsNextRound) {
  for (unsigned seed = 1; seed <= 200 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random{seed + 100'000};
    const TimeZone zone{one_of(random, zones)};
    const Cron cron = Cron::parse(cron_oracle::random_expression(random, seed % 2 == 0).text);
    sys_seconds at = interesting_instant(random, zone, one_of(random, years));
    std::vector<sys_seconds> forth;
    for (int i = 0; i < 20; ++i) {
      const auto next = cron.next(at, zone);
      if (!next) break;
      ASSERT_GT(*next, at);
      forth.push_back(at = *next);
    }
    for (std::size_t i = forth.size(); i > 1; --i) {
      EXPECT_EQ(cron.previous(forth[i - 1], zone), forth[i - 2]) << cron.text();
    }
    if (forth.empty()) continue;
    std::vector<sys_seconds> range;
    for (const sys_seconds each : cron.between(forth.front(), forth.back(), zone,
                                               {.include_from = false, .include_to = true})) {
      range.push_back(each);
    }
    EXPECT_EQ(range, std::vector<sys_seconds>(forth.begin() + 1, forth.end())) << cron.text();
  }
}

}  // namespace
}  // namespace portfire::cron_property_test
