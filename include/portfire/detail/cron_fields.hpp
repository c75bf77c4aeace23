#pragma once

/// What a cron expression means, as sets: the second half of `Cron`, of no use by itself.
///
/// Everything is constexpr, so that a literal is read and checked by the compiler.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace portfire::detail {

enum class CronField : unsigned char {
  second,
  minute,
  hour,
  day_of_month,
  month,
  day_of_week,
};

inline constexpr std::size_t cron_field_count = 6;

struct CronFieldRule {
  std::string_view name;     ///< as messages call it
  std::string_view allowed;  ///< as messages say it
  int low;
  int high;
  int cycle;  ///< how many different values: 7 and 0 are the same day of the week
};

inline constexpr std::array<CronFieldRule, cron_field_count> cron_field_rules = {{
    {"second", "0-59", 0, 59, 60},
    {"minute", "0-59", 0, 59, 60},
    {"hour", "0-23", 0, 23, 24},
    {"day-of-month", "1-31", 1, 31, 31},
    {"month", "1-12 or JAN-DEC", 1, 12, 12},
    {"day-of-week", "0-7 or SUN-SAT", 0, 7, 7},
}};

constexpr const CronFieldRule& rule_of(CronField field) {
  return cron_field_rules[static_cast<std::size_t>(field)];
}

struct CronFields {
  static constexpr int no_offset = -1;
  static constexpr int last_week = 6;
  static constexpr std::uint64_t whole_week = 0b111'1111;

  /// Bit n stands for the value n. One set for each field, Sunday is 0.
  std::array<std::uint64_t, cron_field_count> sets = {};

  /// `L-n`: days back from the last of the month, instead of the set of days.
  int last_day_offset = no_offset;

  /// `W`: the one day named moves to the weekday nearest to it.
  bool nearest_weekday = false;

  /// `#n`, or `last_week` for `L`; 0: every week.
  int week_of_month = 0;

  /// Second, minute or hour was written with `*`, `?`, a range or a step.
  bool is_interval = false;

  /// Which fields have an `H` that no seed has decided yet: bit n stands for the field n.
  unsigned undecided = 0;

  /// Which of these have a step, so that a seed decides where their values begin.
  unsigned undecided_runs = 0;

  /// The kinds of years (see `year_kind`) in which there is a day that fits.
  unsigned year_kinds = 0;

  [[nodiscard]] constexpr std::uint64_t set_of(CronField field) const {
    return sets[static_cast<std::size_t>(field)];
  }

  friend constexpr bool operator==(const CronFields&, const CronFields&) = default;
};

/// Years look alike when they begin on the same day of the week and have the same length: there
/// are 14 kinds, and each occurs within any 400 years, after which the calendar repeats.
inline constexpr unsigned year_kind_count = 14;

constexpr unsigned year_kind(unsigned first_weekday, bool leap) {
  return first_weekday + (leap ? 7U : 0U);
}

constexpr unsigned month_length(unsigned month, bool leap) {
  constexpr std::array<unsigned, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return lengths[month - 1] + (month == 2 && leap ? 1U : 0U);
}

/// The weekday nearest to a day of a month, never in another month.
constexpr unsigned nearest_weekday(unsigned day, unsigned first_weekday, unsigned length) {
  const unsigned weekday = (first_weekday + day - 1) % 7;
  if (weekday == 6) return day > 1 ? day - 1 : day + 2;
  if (weekday == 0) return day < length ? day + 1 : day - 2;
  return day;
}

/// The days of a month that fit, bit n for the day n. Says nothing about which month it is.
constexpr std::uint32_t days_that_fit(const CronFields& fields, unsigned first_weekday,
                                      unsigned length) {
  std::uint64_t days = fields.set_of(CronField::day_of_month);
  if (fields.last_day_offset != CronFields::no_offset || fields.nearest_weekday) {
    const int day = fields.last_day_offset == CronFields::no_offset
                        ? std::countr_zero(days)
                        : static_cast<int>(length) - fields.last_day_offset;
    if (day < 1 || day > static_cast<int>(length)) return 0;
    const auto named = static_cast<unsigned>(day);
    days =
        std::uint64_t{1} << (fields.nearest_weekday ? nearest_weekday(named, first_weekday, length)
                                                    : named);
  }
  const std::uint64_t week = fields.set_of(CronField::day_of_week);
  // The week as seen from the first of the month, then five of them in a row.
  const std::uint64_t turned =
      ((week >> first_weekday) | (week << (7 - first_weekday))) & CronFields::whole_week;
  days &= (turned * 0x1020'4081) << 1;
  std::uint64_t within = ((std::uint64_t{1} << length) - 1) << 1;
  if (fields.week_of_month == CronFields::last_week) {
    within &= CronFields::whole_week << (length - 6);
  } else if (fields.week_of_month != 0) {
    within &= CronFields::whole_week << (fields.week_of_month * 7 - 6);
  }
  return static_cast<std::uint32_t>(days & within);
}

constexpr unsigned year_kinds_that_fit(const CronFields& fields) {
  unsigned kinds = 0;
  for (const bool leap : {false, true}) {
    for (unsigned first = 0; first < 7; ++first) {
      unsigned weekday = first;
      for (unsigned month = 1; month <= 12; ++month) {
        const unsigned length = month_length(month, leap);
        const bool named = (fields.set_of(CronField::month) >> month & 1U) != 0;
        if (named && days_that_fit(fields, weekday, length) != 0) {
          kinds |= 1U << year_kind(first, leap);
          break;
        }
        weekday = (weekday + length) % 7;
      }
    }
  }
  return kinds;
}

}  // namespace portfire::detail
