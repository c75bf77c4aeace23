#include <portfire/cron.hpp>

#include <utility>

#include <portfire/error.hpp>

namespace portfire {

namespace {

using detail::CronFailure;
using detail::CronField;
using detail::CronMistake;

// Messages quote what was given, but not without end.
constexpr std::size_t longest_quotation = 120;

std::string quoted(std::string_view text) {
  if (text.size() <= longest_quotation) return '"' + std::string{text} + '"';
  return '"' + std::string{text.substr(0, longest_quotation)} + "…\"";
}

std::string macro_names() {
  std::string names;
  for (const detail::CronMacro& macro : detail::cron_macros) {
    names += (names.empty() ? "" : ", ") + std::string{macro.name};
  }
  return names;
}

// What else a field may hold beside numbers, lists, ranges and steps.
std::string_view specialities(CronField field) {
  if (field == CronField::day_of_month) {
    return "; *, ?, H, L, L-n, LW, L-nW and nW stand alone, n is a single day";
  }
  if (field == CronField::day_of_week) {
    return "; *, ?, H, nL and n#k stand alone, n is a single day";
  }
  return "; *, ? and H stand alone";
}

std::string what_is_wrong_in_field(const CronFailure& failure) {
  const auto& rule = detail::rule_of(failure.field);
  std::string text = std::string{rule.name} + ' ' + quoted(failure.word) + ": ";
  if (failure.mistake == CronMistake::rest) {
    return text + quoted(failure.part) + " cannot stand there; allowed are " +
           std::string{rule.allowed} + " with lists, ranges and steps" +
           std::string{specialities(failure.field)};
  }
  std::string wanted = "a value in " + std::string{rule.allowed};
  if (failure.mistake == CronMistake::step) wanted = "a step in 1-" + std::to_string(rule.high);
  if (failure.mistake == CronMistake::last_offset) {
    wanted = "a number of days before the last one in 0-30";
  }
  if (failure.mistake == CronMistake::week) wanted = "a week of the month in 1-5";
  if (failure.part.empty()) return text + wanted + " is missing at its end";
  return text + quoted(failure.part) + " is not " + wanted;
}

std::string message_of(std::string_view expression, const CronFailure& failure) {
  std::string text = "cron expression " + quoted(expression);
  switch (failure.mistake) {
    case CronMistake::empty:
      return text +
             " is empty; write five fields (minute hour day-of-month month day-of-week), "
             "such as 0 8 * * MON-FRI";
    case CronMistake::macro:
      return text + ": there is no macro " + quoted(failure.word) + "; there are " + macro_names();
    case CronMistake::field_count:
      return text + " has " + std::to_string(failure.count) +
             (failure.count == 1 ? " field" : " fields") +
             "; write 5 (minute hour day-of-month month day-of-week) or 6 with the second first";
    default: return text + ": " + what_is_wrong_in_field(failure);
  }
}

std::string number(int value) { return std::to_string(value); }

// `minute hour` for the beginning of an expression.
std::string time_of_day(int hour, int minute) { return number(minute) + ' ' + number(hour) + ' '; }

}  // namespace

Cron Cron::parse(std::string_view text) {
  const detail::CronReading reading = detail::read_cron(text);
  if (reading.failure.mistake != CronMistake::none) {
    throw UsageError{message_of(text, reading.failure)};
  }
  return {text, reading.fields};
}

Cron Cron::with_seed(std::string_view seed) const {
  return {text(), detail::read_cron(text(), seed).fields};
}

Cron Cron::minutely() { return Cron{"* * * * *"}; }

Cron Cron::hourly(int minute) { return parse(number(minute) + " * * * *"); }

Cron Cron::daily(int hour, int minute) { return parse(time_of_day(hour, minute) + "* * *"); }

Cron Cron::weekly(std::chrono::weekday day, int hour, int minute) {
  return parse(time_of_day(hour, minute) + "* * " + std::to_string(day.c_encoding()));
}

Cron Cron::monthly(int day, int hour, int minute) {
  return parse(time_of_day(hour, minute) + number(day) + " * *");
}

Cron Cron::yearly(std::chrono::month month, int day, int hour, int minute) {
  return parse(time_of_day(hour, minute) + number(day) + ' ' +
               std::to_string(static_cast<unsigned>(month)) + " *");
}

Cron Cron::never() { return Cron{"0 0 31 2 *"}; }

Cron Cron::every_minutes(int step) { return parse("*/" + number(step) + " * * * *"); }

Cron Cron::every_hours(int step) { return parse("0 */" + number(step) + " * * *"); }

Cron Cron::every_days(int step) { return parse("0 0 */" + number(step) + " * *"); }

Cron Cron::every_months(int step) { return parse("0 0 1 */" + number(step) + " *"); }

}  // namespace portfire
