#include "model/cron_search.hpp"

#include <bit>

namespace portfire::model {

namespace {

using detail::CronField;
using detail::CronFields;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;

using Set = std::uint64_t;

constexpr int none = -1;

// The smallest member that is at least `from`, which may lie one beyond the largest possible.
int at_least(Set set, int from) {
  const Set rest = set >> from << from;
  return rest == 0 ? none : std::countr_zero(rest);
}

// The largest member that is at most `from`, which may lie one below the smallest possible.
int at_most(Set set, int from) {
  const Set rest = from < 0 ? 0 : set & (~Set{0} >> (63 - from));
  return static_cast<int>(std::bit_width(rest)) - 1;
}

int smallest(Set set) { return std::countr_zero(set); }
int largest(Set set) { return static_cast<int>(std::bit_width(set)) - 1; }

struct Clock {
  int hour;
  int minute;
  int second;

  [[nodiscard]] seconds since_midnight() const {
    return std::chrono::hours{hour} + std::chrono::minutes{minute} + seconds{second};
  }
};

Clock clock_of(seconds since_midnight) {
  const auto count = static_cast<int>(since_midnight.count());
  return {count / 3600, count / 60 % 60, count % 60};
}

// One direction of the search. `Forward` tells which neighbour comes next and which end is first.
template <bool forward>
class Search {
 public:
  explicit Search(const CronFields& fields) : fields_{fields} {}

  [[nodiscard]] std::optional<local_seconds> from(local_seconds start) const {
    const auto day = std::chrono::floor<std::chrono::days>(start);
    const std::chrono::year_month_day date{day};
    Place place{.year = static_cast<int>(date.year()),
                .month = static_cast<int>(static_cast<unsigned>(date.month()))};
    const auto day_of_month = static_cast<int>(static_cast<unsigned>(date.day()));
    place.enter_year();
    if (has_month(place.month)) {
      const Set days = days_in(place);
      if ((days >> day_of_month & 1U) != 0) {
        if (const auto time = time_from(clock_of(start - day))) return day + *time;
      }
      const int found = nearest(days, day_of_month + step);
      if (found != none) return at(place, found);
    }
    return after_month(place);
  }

 private:
  static constexpr int step = forward ? 1 : -1;

  // A month, and what of its year must not be asked for again and again.
  struct Place {
    int year;
    int month;
    unsigned first_weekday = 0;  // of the year
    bool leap = false;

    void enter_year() {
      const std::chrono::year chosen{year};
      leap = chosen.is_leap();
      first_weekday = std::chrono::weekday{local_days{chosen / 1 / 1}}.c_encoding();
    }
  };

  static int nearest(Set set, int from) {
    return forward ? at_least(set, from) : at_most(set, from);
  }
  static int first(Set set) { return forward ? smallest(set) : largest(set); }

  [[nodiscard]] bool has_month(int month) const {
    return (fields_.set_of(CronField::month) >> month & 1U) != 0;
  }

  [[nodiscard]] Set days_in(const Place& place) const {
    static constexpr std::array<unsigned, 12> days_before = {0,   31,  59,  90,  120, 151,
                                                             181, 212, 243, 273, 304, 334};
    const auto month = static_cast<unsigned>(place.month);
    const unsigned before = days_before[month - 1] + (place.leap && month > 2 ? 1 : 0);
    return detail::days_that_fit(fields_, (place.first_weekday + before) % 7,
                                 detail::month_length(month, place.leap));
  }

  // Any time of a day that is not the first one looked at.
  [[nodiscard]] local_seconds at(const Place& place, int day) const {
    const Clock time{first(fields_.set_of(CronField::hour)),
                     first(fields_.set_of(CronField::minute)),
                     first(fields_.set_of(CronField::second))};
    const std::chrono::year_month_day date{std::chrono::year{place.year},
                                           std::chrono::month{static_cast<unsigned>(place.month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    return local_days{date} + time.since_midnight();
  }

  [[nodiscard]] std::optional<seconds> time_from(Clock start) const {
    const Set hours = fields_.set_of(CronField::hour);
    const Set minutes = fields_.set_of(CronField::minute);
    const Set all_seconds = fields_.set_of(CronField::second);
    if ((hours >> start.hour & 1U) != 0) {
      if ((minutes >> start.minute & 1U) != 0) {
        const int second = nearest(all_seconds, start.second);
        if (second != none) return Clock{start.hour, start.minute, second}.since_midnight();
      }
      const int minute = nearest(minutes, start.minute + step);
      if (minute != none) return Clock{start.hour, minute, first(all_seconds)}.since_midnight();
    }
    const int hour = nearest(hours, start.hour + step);
    if (hour == none) return std::nullopt;
    return Clock{hour, first(minutes), first(all_seconds)}.since_midnight();
  }

  // The nearest time in a month beyond this one. Years in which no day fits are passed over by
  // their kind; no kind is ever more than 40 years away.
  [[nodiscard]] std::optional<local_seconds> after_month(Place place) const {
    const Set months = fields_.set_of(CronField::month);
    if (const auto found = in_year(place, nearest(months, place.month + step))) return found;
    for (place.year += step; place.year >= 1 && place.year <= 9999; place.year += step) {
      place.enter_year();
      if ((fields_.year_kinds >> detail::year_kind(place.first_weekday, place.leap) & 1U) == 0) {
        continue;
      }
      if (const auto found = in_year(place, first(months))) return found;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<local_seconds> in_year(Place place, int month) const {
    const Set months = fields_.set_of(CronField::month);
    for (; month != none; month = nearest(months, month + step)) {
      place.month = month;
      const Set days = days_in(place);
      if (days != 0) return at(place, first(days));
    }
    return std::nullopt;
  }

  const CronFields& fields_;
};

}  // namespace

std::optional<local_seconds> next_local(const CronFields& fields, local_seconds from) {
  if (fields.year_kinds == 0 || from > last_cron_time) return std::nullopt;
  return Search<true>{fields}.from(std::max(from, first_cron_time));
}

std::optional<local_seconds> previous_local(const CronFields& fields, local_seconds from) {
  if (fields.year_kinds == 0 || from < first_cron_time) return std::nullopt;
  return Search<false>{fields}.from(std::min(from, last_cron_time));
}

}  // namespace portfire::model
