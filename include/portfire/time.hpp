#pragma once

/// Points and spans of time as Portfire stores and shows them.
///
/// All stored instants are UTC in whole microseconds. A *steady* point belongs to the machine,
/// keeps counting while the machine is suspended and is never stored. Values only; no clock is read
/// here: clocks live behind `Runtime` and behind each storage.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace portfire {

using Duration = std::chrono::microseconds;
using TimePoint = std::chrono::sys_time<Duration>;

/// Tag of the clock behind `SteadyPoint`; it has no `now()` on purpose, ask the `Runtime`.
struct SteadyClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<SteadyClock>;
  static constexpr bool is_steady = true;
};
using SteadyPoint = SteadyClock::time_point;

/// `2026-11-21T09:00:00.123456Z`: RFC 3339 with exactly six fraction digits, always UTC.
std::string to_string(TimePoint instant);

/// Reads an RFC 3339 instant: `T`, `t` or a space between date and time, any number of fraction
/// digits (further ones than six are dropped), `Z` or a numeric offset.
/// Returns nothing when the text is not such an instant or lies outside the years 1 to 9999.
std::optional<TimePoint> parse_time(std::string_view text);

/// `250ms`, `15s`, `10m`, `2h`, `1d` or a sum such as `1h30m`; also `us`. The shortest exact form.
std::string to_string(Duration span);

/// Reads what `to_string(Duration)` writes. Returns nothing for any other text or on overflow.
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace portfire
