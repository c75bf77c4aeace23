// A cron expression in English. It is told from the sets, so that what means the same reads the
// same.

#include <array>
#include <bit>
#include <string>
#include <vector>

#include <portfire/cron.hpp>

namespace portfire {

namespace {

using detail::CronField;
using detail::CronFields;

constexpr std::array<const char*, 13> month_names = {
    "",     "January", "February",  "March",   "April",    "May",     "June",
    "July", "August",  "September", "October", "November", "December"};
constexpr std::array<const char*, 7> day_names = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                  "Thursday", "Friday", "Saturday"};
constexpr std::array<const char*, 7> week_names = {"",       "first", "second", "third",
                                                   "fourth", "fifth", "last"};

// Times of day are listed one by one up to so many.
constexpr std::size_t most_times = 6;

using Values = std::vector<int>;

// A set as people see it.
struct Shape {
  Values values;  // a run across the end of the cycle begins with its first value
  bool all = false;
  bool run = false;  // at least three neighbours
  int step = 0;      // the values divide the cycle into equal parts of this size
};

Shape shape_of(const CronFields& fields, CronField field) {
  const auto& rule = detail::rule_of(field);
  Shape shape;
  for (int value = rule.low; value < rule.low + rule.cycle; ++value) {
    if ((fields.set_of(field) >> value & 1U) != 0) shape.values.push_back(value);
  }
  Values& values = shape.values;
  const auto count = static_cast<int>(values.size());
  shape.all = count == rule.cycle;
  if (count >= 2 && values[0] == rule.low && rule.cycle % count == 0) {
    shape.step = rule.cycle / count;
    for (int i = 0; i < count; ++i) {
      if (values[static_cast<std::size_t>(i)] != rule.low + i * shape.step) shape.step = 0;
    }
  }
  if (shape.all || count < 3) return shape;
  // One gap at most, seen as a circle: then the run begins after it.
  int gaps = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int before = i == 0 ? values.back() - rule.cycle : values[i - 1];
    if (values[i] == before + 1) continue;
    ++gaps;
    start = i;
  }
  shape.run = gaps == 1;
  if (shape.run) {
    std::ranges::rotate(values, values.begin() + static_cast<std::ptrdiff_t>(start));
  }
  return shape;
}

std::string two_digits(int value) { return (value < 10 ? "0" : "") + std::to_string(value); }

std::string plain(int value) { return std::to_string(value); }
std::string day_name(int value) { return day_names.at(static_cast<std::size_t>(value)); }
std::string month_name(int value) { return month_names.at(static_cast<std::size_t>(value)); }

std::string listed(const std::vector<std::string>& items, const char* conjunction) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text += i + 1 == items.size() ? std::string{' '} + conjunction + ' ' : ", ";
    text += items[i];
  }
  return text;
}

// `1 to 5`, `1, 3 and 5`, `1`.
template <class Name>
std::string named(const Shape& shape, Name name, const char* conjunction = "and") {
  if (shape.run) return name(shape.values.front()) + " to " + name(shape.values.back());
  std::vector<std::string> names;
  for (const int value : shape.values) names.push_back(name(value));
  return listed(names, conjunction);
}

class Words {
 public:
  explicit Words(const CronFields& fields)
      : fields_{fields},
        seconds_{shape_of(fields, CronField::second)},
        minutes_{shape_of(fields, CronField::minute)},
        hours_{shape_of(fields, CronField::hour)},
        days_{shape_of(fields, CronField::day_of_month)},
        months_{shape_of(fields, CronField::month)},
        weekdays_{shape_of(fields, CronField::day_of_week)} {}

  std::string whole() {
    tell_time();
    tell_days();
    std::string text;
    for (const std::string& part : parts_) text += (text.empty() ? "" : ", ") + part;
    text[0] = detail::cron_upper(text[0]);
    if (fields_.year_kinds == 0) text += "; no date is like that, so it never comes";
    return text;
  }

 private:
  [[nodiscard]] bool is_undecided(CronField field) const {
    return (fields_.undecided >> static_cast<unsigned>(field) & 1U) != 0;
  }

  // `a minute chosen by the seed`
  [[nodiscard]] std::string chosen(CronField field, const char* one, const char* several) const {
    const bool runs = (fields_.undecided_runs >> static_cast<unsigned>(field) & 1U) != 0;
    return std::string{runs ? several : one} + " chosen by the seed";
  }

  void tell_time() {
    const std::size_t count =
        seconds_.values.size() * minutes_.values.size() * hours_.values.size();
    is_list_of_times_ = count <= most_times && hours_.step == 0;
    if (is_list_of_times_) return tell_times_one_by_one();
    const bool on_the_minute = seconds_.values == Values{0};
    if (!on_the_minute) tell_seconds();
    const bool on_the_hour = on_the_minute && minutes_.values == Values{0};
    if (!on_the_hour) tell_minutes(on_the_minute);
    tell_hours(on_the_hour);
  }

  void tell_times_one_by_one() {
    std::vector<std::string> times;
    for (const int hour : hours_.values) {
      for (const int minute : minutes_.values) {
        for (const int second : seconds_.values) {
          times.push_back(two_digits(hour) + ':' + two_digits(minute));
          if (seconds_.values != Values{0}) times.back() += ':' + two_digits(second);
        }
      }
    }
    parts_.push_back("at " + listed(times, "and"));
  }

  // Seconds and minutes have the same forms.
  [[nodiscard]] std::string parts_of(const Shape& shape, CronField field) const {
    const std::string unit{detail::rule_of(field).name};
    const std::string units = unit + 's';
    if (is_undecided(field)) {
      return "at " + chosen(field, ("a " + unit).c_str(), units.c_str());
    }
    if (shape.all) return "every " + unit;
    if (shape.step != 0) return "every " + plain(shape.step) + ' ' + units;
    return "at " + (shape.values.size() == 1 ? unit : units) + ' ' + named(shape, plain);
  }

  void tell_seconds() {
    parts_.push_back(parts_of(seconds_, CronField::second));
    if (minutes_.all && fields_.undecided == 0 && parts_.back().starts_with("at ")) {
      parts_.back() += " of every minute";
    }
  }

  void tell_minutes(bool on_the_minute) {
    if (minutes_.all && !on_the_minute && !is_undecided(CronField::minute)) return;
    parts_.push_back(parts_of(minutes_, CronField::minute));
    if (hours_.all && fields_.undecided == 0 && parts_.back().starts_with("at ")) {
      parts_.back() += " of every hour";
    }
  }

  void tell_hours(bool on_the_hour) {
    if (is_undecided(CronField::hour)) {
      parts_.push_back("in " + chosen(CronField::hour, "an hour", "hours"));
    } else if (hours_.all) {
      if (on_the_hour || is_undecided(CronField::minute)) parts_.emplace_back("every hour");
    } else if (hours_.step != 0) {
      parts_.push_back("every " + plain(hours_.step) + " hours");
    } else if (hours_.run || hours_.values.size() == 1) {
      parts_.push_back((on_the_hour ? "every hour from " : "from ") +
                       two_digits(hours_.values.front()) + ":00 to " +
                       two_digits(hours_.values.back()) + (on_the_hour ? ":00" : ":59"));
    } else {
      parts_.push_back((on_the_hour ? "at minute 0 of the hours " : "in the hours ") +
                       named(hours_, plain));
    }
  }

  void tell_days() {
    const std::string day = day_of_month();
    const bool all_months = months_.all || is_undecided(CronField::month);
    if (!day.empty()) parts_.push_back("on " + day + " of " + (all_months ? "the month" : month()));
    if (is_list_of_times_ && day.empty() && weekdays_.all) parts_.emplace_back("every day");
    tell_weekdays(!day.empty());
    if (is_undecided(CronField::month)) {
      parts_.push_back("in " + chosen(CronField::month, "a month", "months"));
    } else if (!all_months && day.empty()) {
      parts_.push_back("in " + month());
    }
  }

  [[nodiscard]] std::string month() const { return named(months_, month_name); }

  [[nodiscard]] std::string day_of_month() const {
    const int offset = fields_.last_day_offset;
    if (is_undecided(CronField::day_of_month)) {
      return chosen(CronField::day_of_month, "a day", "days");
    }
    if (offset == 0) return fields_.nearest_weekday ? "the last working day" : "the last day";
    if (offset != CronFields::no_offset) {
      const std::string day =
          "the day " + plain(offset) + (offset == 1 ? " day" : " days") + " before the last day";
      return fields_.nearest_weekday ? "the working day nearest to " + day : day;
    }
    if (days_.all) return {};
    if (fields_.nearest_weekday) return "the working day nearest to day " + named(days_, plain);
    return (days_.values.size() == 1 ? "day " : "days ") + named(days_, plain);
  }

  void tell_weekdays(bool has_day_of_month) {
    if (is_undecided(CronField::day_of_week)) {
      parts_.push_back("on " +
                       chosen(CronField::day_of_week, "a day of the week", "days of the week"));
      return;
    }
    if (fields_.week_of_month != 0) {
      const std::string day =
          std::string{week_names.at(static_cast<std::size_t>(fields_.week_of_month))} + ' ' +
          named(weekdays_, day_name) + " of the month";
      parts_.push_back((has_day_of_month ? "if that is the " : "on the ") + day);
    } else if (weekdays_.all) {
      return;
    } else if (has_day_of_month) {
      parts_.push_back((weekdays_.run ? "if that is one of " : "if that is a ") +
                       named(weekdays_, day_name, "or"));
    } else {
      parts_.push_back((weekdays_.run ? "" : "on ") + named(weekdays_, day_name));
    }
  }

  const CronFields& fields_;
  Shape seconds_;
  Shape minutes_;
  Shape hours_;
  Shape days_;
  Shape months_;
  Shape weekdays_;
  bool is_list_of_times_ = false;
  std::vector<std::string> parts_;
};

}  // namespace

std::string Cron::describe() const { return Words{fields_}.whole(); }

}  // namespace portfire
