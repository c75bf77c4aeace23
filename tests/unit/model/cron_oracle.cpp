#include "unit/model/cron_oracle.hpp"

#include <algorithm>
#include <array>

namespace portfire::cron_oracle {

using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::weekday;
using std::chrono::year_month_day;

namespace {

constexpr std::array<const char*, 7> day_names = {"Sun", "MON", "tue", "WED", "Thu", "FRI", "SAT"};
constexpr std::array<const char*, 12> month_names = {"JAN", "feb", "Mar", "APR", "MAY", "jun",
                                                     "JUL", "AUG", "SEP", "Oct", "NOV", "DEC"};

bool one_in(Random& random, int count) { return between(random, 1, count) == 1; }

int last_day(year_month_day date) {
  return static_cast<int>(
      static_cast<unsigned>((date.year() / date.month() / std::chrono::last).day()));
}

int day_of(year_month_day date) { return static_cast<int>(static_cast<unsigned>(date.day())); }

unsigned weekday_of(year_month_day date) {
  return weekday{std::chrono::sys_days{date}}.c_encoding();
}

bool is_working_day(year_month_day date, int day) {
  if (day < 1 || day > last_day(date)) return false;
  const auto other = date.year() / date.month() / std::chrono::day{static_cast<unsigned>(day)};
  return weekday_of(other) != 0 && weekday_of(other) != 6;
}

// Whether the date is the working day nearest to a day of its month.
bool is_nearest(year_month_day date, int day) {
  if (day < 1 || day > last_day(date)) return false;
  for (int distance = 0; distance < 3; ++distance) {
    for (const int candidate : {day - distance, day + distance}) {
      if (is_working_day(date, candidate)) return candidate == day_of(date);
    }
  }
  return false;
}

struct Field {
  std::string text;
  std::vector<bool> values;
  bool is_run = false;
};

struct FieldKind {
  int low;
  int high;
  bool weekday = false;
  bool month = false;
};

std::string written(Random& random, const FieldKind& kind, int value) {
  if (kind.weekday && value < 7 && one_in(random, 2)) {
    return day_names.at(static_cast<std::size_t>(value));
  }
  if (kind.month && one_in(random, 2)) return month_names.at(static_cast<std::size_t>(value - 1));
  if (value < 10 && one_in(random, 8)) return "0" + std::to_string(value);
  return std::to_string(value);
}

// Counts along from one value to another, over the end of the field if need be.
void walk(const FieldKind& kind, int from, int to, int step, Field& field) {
  const int high = kind.weekday ? 6 : kind.high;
  if (kind.weekday) {
    from %= 7;
    to %= 7;
  }
  int left = 0;
  for (int value = from;; value = value == high ? kind.low : value + 1) {
    if (left == 0) {
      field.values[static_cast<std::size_t>(value)] = true;
      left = step;
    }
    --left;
    if (value == to) return;
  }
}

void add_element(Random& random, const FieldKind& kind, bool first, Field& field) {
  if (!first) field.text += ',';
  const int low = between(random, kind.low, kind.high);
  field.text += written(random, kind, low);
  const int form = between(random, 0, 3);
  int step = 1;
  if (form >= 2) step = between(random, 1, one_in(random, 3) ? kind.high : 5);
  if (form == 0) return walk(kind, low, low, 1, field);
  field.is_run = true;
  if (form == 2) {
    field.text += '/' + std::to_string(step);
    for (int value = low; value <= kind.high; value += step) {
      field.values[static_cast<std::size_t>(kind.weekday ? value % 7 : value)] = true;
    }
    return;
  }
  int high = between(random, kind.low, kind.high);
  if (kind.weekday && low == 0 && high == 7) high = 6;
  field.text += '-' + written(random, kind, high);
  if (form == 3) field.text += '/' + std::to_string(step);
  walk(kind, low, high, step, field);
}

Field random_field(Random& random, const FieldKind& kind, bool dense) {
  Field field{.text = {}, .values = std::vector<bool>(static_cast<std::size_t>(kind.high) + 1)};
  if (dense ? one_in(random, 2) : one_in(random, 4)) {
    field.text = one_in(random, 5) ? "?" : "*";
    field.is_run = true;
    int step = 1;
    if (one_in(random, 2)) {
      step = between(random, 1, dense ? 6 : kind.high);
      field.text += '/' + std::to_string(step);
    }
    for (int value = kind.low; value <= (kind.weekday ? 6 : kind.high); value += step) {
      field.values[static_cast<std::size_t>(value)] = true;
    }
    return field;
  }
  const int elements = between(random, 1, dense ? 3 : 2);
  for (int i = 0; i < elements; ++i) add_element(random, kind, i == 0, field);
  return field;
}

void random_day_of_month(Random& random, bool dense, Expression& expression) {
  const int form = dense ? 9 : between(random, 0, 9);
  const int back = between(random, 0, 30);
  const int day = between(random, 1, 31);
  if (form == 0) {
    expression.text += 'L';
    expression.day_of_month = [](year_month_day date) { return day_of(date) == last_day(date); };
  } else if (form == 1) {
    expression.text += "l-" + std::to_string(back);
    expression.day_of_month = [back](year_month_day date) {
      return day_of(date) == last_day(date) - back;
    };
  } else if (form == 2) {
    expression.text += "LW";
    expression.day_of_month = [](year_month_day date) { return is_nearest(date, last_day(date)); };
  } else if (form == 3) {
    expression.text += "L-" + std::to_string(back) + 'w';
    expression.day_of_month = [back](year_month_day date) {
      return is_nearest(date, last_day(date) - back);
    };
  } else if (form == 4) {
    expression.text += std::to_string(day) + 'W';
    expression.day_of_month = [day](year_month_day date) { return is_nearest(date, day); };
  } else {
    const Field field = random_field(random, {1, 31}, dense);
    expression.text += field.text;
    expression.day_of_month = [values = field.values](year_month_day date) {
      return values[static_cast<std::size_t>(day_of(date))];
    };
  }
}

void random_day_of_week(Random& random, bool dense, Expression& expression) {
  const FieldKind kind{.low = 0, .high = 7, .weekday = true};
  const int form = dense ? 9 : between(random, 0, 5);
  if (form <= 1) {
    const int day = between(random, 0, 7);
    const int week = between(random, 1, 5);
    expression.text += written(random, kind, day) + (form == 0 ? "L" : "#" + std::to_string(week));
    expression.day_of_week = [day, week, form](year_month_day date) {
      const int number = day_of(date);
      return static_cast<int>(weekday_of(date)) == day % 7 &&
             (form == 0 ? number + 7 > last_day(date) : (number + 6) / 7 == week);
    };
    return;
  }
  const Field field = random_field(random, kind, dense);
  expression.text += field.text;
  expression.day_of_week = [values = field.values](year_month_day date) {
    return values[weekday_of(date)];
  };
}

std::string blanks(Random& random) {
  return one_in(random, 6) ? " \t" : one_in(random, 6) ? "\t" : " ";
}

}  // namespace

int between(Random& random, int low, int high) {
  return std::uniform_int_distribution<int>{low, high}(random);
}

Expression random_expression(Random& random, bool dense) {
  Expression expression;
  const auto timed = [&](const FieldKind& kind, bool is_dense) {
    Field field = random_field(random, kind, is_dense);
    expression.text += field.text + blanks(random);
    expression.is_interval |= field.is_run;
    return field.values;
  };
  expression.has_seconds = one_in(random, 3);
  expression.seconds.assign(60, false);
  expression.seconds[0] = true;
  if (expression.has_seconds) expression.seconds = timed({0, 59}, false);
  expression.minutes = timed({0, 59}, false);
  expression.hours = timed({0, 23}, dense);
  // Few forms are fixed by chance; the rule for those needs tests as well.
  if (one_in(random, 3)) {
    const int minute = between(random, 0, 59);
    const int hour = between(random, 0, 23);
    expression.has_seconds = false;
    expression.is_interval = false;
    expression.seconds.assign(60, false);
    expression.minutes.assign(60, false);
    expression.hours.assign(24, false);
    expression.seconds[0] = true;
    expression.minutes[static_cast<std::size_t>(minute)] = true;
    expression.hours[static_cast<std::size_t>(hour)] = true;
    expression.text = std::to_string(minute) + ' ' + std::to_string(hour);
    for (int more = dense ? 4 : 0; more > 0; --more) {
      const int other = between(random, 0, 3);
      expression.hours[static_cast<std::size_t>(other)] = true;
      expression.text += ',' + std::to_string(other);
    }
    expression.text += ' ';
  }
  random_day_of_month(random, dense, expression);
  const Field month = random_field(random, {.low = 1, .high = 12, .month = true}, dense);
  expression.text += blanks(random) + month.text + blanks(random);
  expression.months = month.values;
  random_day_of_week(random, dense, expression);
  return expression;
}

bool Expression::fits_date(year_month_day date) const {
  const int year = static_cast<int>(date.year());
  return year >= 1 && year <= 9999 && months[static_cast<unsigned>(date.month())] &&
         day_of_month(date) && day_of_week(date);
}

bool Expression::fits(local_seconds local) const {
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const auto time = static_cast<std::size_t>((local - day).count());
  return seconds[time % 60] && minutes[time / 60 % 60] && hours[time / 3600] &&
         fits_date(year_month_day{day});
}

std::vector<Firing> firings(const Expression& expression, const TimeZone& zone, sys_seconds first,
                            sys_seconds last, seconds step) {
  constexpr std::chrono::hours longest_repetition{26};
  std::vector<Firing> found;
  sys_seconds at = first - longest_repetition;
  local_seconds furthest = zone.local_at(at);
  for (at += step; at <= last; at += step) {
    const local_seconds local = zone.local_at(at);
    const bool again = local <= furthest;
    const bool shown = expression.fits(local) && (!again || expression.is_interval);
    bool skipped = false;
    for (local_seconds gap = furthest + step; gap < local && !skipped; gap += step) {
      skipped = expression.fits(gap);
    }
    if (at >= first && (shown || skipped)) found.push_back({at, !shown});
    furthest = std::max(furthest, local);
  }
  return found;
}

}  // namespace portfire::cron_oracle
