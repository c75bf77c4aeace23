#pragma once

// Values as people write and read them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/time.hpp>

namespace portfire::cli {

// Reading. Each throws UsageError that names the option, the value and the cure.
JobId read_job_id(std::string_view option, const std::string& text);
std::vector<JobId> read_job_ids(std::string_view option, const std::vector<std::string>& texts);
ServerId read_server_id(std::string_view option, const std::string& text);
Duration read_span(std::string_view option, const std::string& text);
TimePoint read_instant(std::string_view option, const std::string& text);
// The same with any offset and any number of fraction digits: what is after a whole second by less
// than a microsecond is so by one.
TimePoint read_exact_instant(std::string_view option, const std::string& text);
// An instant, or a span back from now: `2h`.
TimePoint read_past(std::string_view option, const std::string& text, TimePoint now);

// `2026-11-21 09:00:00Z`
std::string absolute(TimePoint instant);
// `3m ago`, `in 2h`, `now`: two units at most are not needed to get the picture, one is enough.
std::string relative(TimePoint instant, TimePoint now);
// `2026-11-21 09:00:00Z (3m ago)`
std::string both(TimePoint instant, TimePoint now);
// `1.25ms`, `3.4s`, `2h05m`
std::string brief(Duration span);
// `1,234,567`
std::string counted(std::uint64_t number);

// On one line, without control characters (stored text must not steer a terminal), at most
// `width` characters.
std::string one_line(std::string_view text, std::size_t width);

// Characters, not bytes.
std::size_t width_of(std::string_view text);

}  // namespace portfire::cli
