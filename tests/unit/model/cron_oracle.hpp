#pragma once

// What a cron expression should do, worked out the slow way: every second (or minute) is looked at,
// every rule is a question about one date. Shares nothing with the library but the offsets of
// zones.

#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <portfire/time_zone.hpp>

namespace portfire::cron_oracle {

using std::chrono::sys_seconds;
using Random = std::mt19937_64;

// An expression as text and as questions.
struct Expression {
  std::string text;
  std::vector<bool> seconds;
  std::vector<bool> minutes;
  std::vector<bool> hours;
  std::vector<bool> months;
  std::function<bool(std::chrono::year_month_day)> day_of_month;
  std::function<bool(std::chrono::year_month_day)> day_of_week;
  bool has_seconds = false;
  bool is_interval = false;

  [[nodiscard]] bool fits_date(std::chrono::year_month_day date) const;
  [[nodiscard]] bool fits(std::chrono::local_seconds local) const;
};

// Dense: comes often, so that little time need be looked at.
Expression random_expression(Random& random, bool dense);

struct Firing {
  sys_seconds at;
  bool only_from_gap;  // no clock shows a fitting time at this instant
};

// All that happens from `first` to `last`, looking at every `step`.
std::vector<Firing> firings(const Expression& expression, const TimeZone& zone, sys_seconds first,
                            sys_seconds last, std::chrono::seconds step);

// Whole numbers, bounds included.
int between(Random& random, int low, int high);

}  // namespace portfire::cron_oracle
