#pragma once

// Where the sets of a cron expression meet the calendar. Local times only: no zone, no gaps.

#include <chrono>
#include <optional>

#include <portfire/detail/cron_fields.hpp>

namespace portfire::model {

// The range of all occurrences: the years 1 to 9999.
inline constexpr std::chrono::local_seconds first_cron_time =
    std::chrono::local_days{std::chrono::year{1} / 1 / 1};
inline constexpr std::chrono::local_seconds last_cron_time =
    std::chrono::local_days{std::chrono::year{10'000} / 1 / 1} - std::chrono::seconds{1};

// The first time that fits, at or after the one given.
std::optional<std::chrono::local_seconds> next_local(const detail::CronFields& fields,
                                                     std::chrono::local_seconds from);

// The last time that fits, at or before the one given.
std::optional<std::chrono::local_seconds> previous_local(const detail::CronFields& fields,
                                                         std::chrono::local_seconds from);

}  // namespace portfire::model
