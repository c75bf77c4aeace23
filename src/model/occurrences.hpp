#pragma once

// The occurrences of a schedule: within its bounds, without the days that are left out.

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include <portfire/schedule.hpp>
#include <portfire/time_zone.hpp>

namespace portfire {

// Values; any thread.
class Occurrences {
 public:
  struct Bounds {
    std::optional<TimePoint> start = std::nullopt;  // none before
    std::optional<TimePoint> end = std::nullopt;    // none after
    std::vector<std::chrono::year_month_day> except = {};
  };

  // `seed` decides what an `H` in the expression stands for.
  Occurrences(const Schedule& schedule, TimeZone zone, Bounds bounds, std::string_view seed);

  // The earliest at or after an instant; nothing when there is none.
  [[nodiscard]] std::optional<TimePoint> at_or_after(TimePoint instant) const;
  [[nodiscard]] std::optional<TimePoint> after(TimePoint instant) const {
    return at_or_after(instant + Duration{1});
  }
  // The latest at or before an instant; nothing when there is none.
  [[nodiscard]] std::optional<TimePoint> at_or_before(TimePoint instant) const;
  [[nodiscard]] std::optional<TimePoint> before(TimePoint instant) const {
    return at_or_before(instant - Duration{1});
  }

 private:
  [[nodiscard]] std::optional<TimePoint> next_of_schedule(TimePoint instant) const;
  [[nodiscard]] std::optional<TimePoint> previous_of_schedule(TimePoint instant) const;
  // The day of the zone that an instant lies in, where that day is left out.
  [[nodiscard]] std::optional<std::chrono::local_days> day_left_out(TimePoint instant) const;
  // The first instant of a day.
  [[nodiscard]] TimePoint begin_of(std::chrono::local_days day) const;

  const Schedule schedule_;
  const TimeZone zone_;
  const Bounds bounds_;
  std::vector<std::chrono::local_days> days_left_out_;  // in order
};

}  // namespace portfire
