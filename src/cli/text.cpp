#include "cli/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <portfire/error.hpp>

namespace portfire::cli {

namespace {

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

bool is_control(char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; }

std::string decimal(double value, const char* unit) {
  std::array<char, 32> buffer{};
  const int digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  std::snprintf(buffer.data(), buffer.size(), "%.*f%s", digits, value, unit);
  return buffer.data();
}

// The largest unit that fits, rounded down: `3m`.
std::string coarse(std::chrono::seconds span) {
  struct Unit {
    std::int64_t seconds;
    const char* name;
  };
  static constexpr std::array<Unit, 4> units = {{{86'400, "d"}, {3'600, "h"}, {60, "m"}, {1, "s"}}};
  for (const Unit& unit : units) {
    if (span.count() >= unit.seconds) {
      return std::to_string(span.count() / unit.seconds) + unit.name;
    }
  }
  return "0s";
}

}  // namespace

JobId read_job_id(std::string_view option, const std::string& text) {
  const auto id = parse_id<JobId>(text);
  if (id) return *id;
  throw UsageError{std::string{option} + " is \"" + text +
                   "\"; a job id is 36 characters such as 01930f3c-8e4b-7c21-9a55-0123456789ab, as "
                   "\"portfire jobs list\" shows them"};
}

std::vector<JobId> read_job_ids(std::string_view option, const std::vector<std::string>& texts) {
  std::vector<JobId> ids;
  for (const std::string& text : texts) ids.push_back(read_job_id(option, text));
  return ids;
}

ServerId read_server_id(std::string_view option, const std::string& text) {
  const auto id = parse_id<ServerId>(text);
  if (id) return *id;
  throw UsageError{std::string{option} + " is \"" + text +
                   "\"; a server's id is 36 characters, as \"portfire servers\" shows them"};
}

Duration read_span(std::string_view option, const std::string& text) {
  const auto span = parse_duration(text);
  if (span && *span >= Duration::zero()) return *span;
  throw UsageError{std::string{option} + " is \"" + text +
                   "\"; write a span such as 500ms, 15s, 10m, 1h30m or 2d"};
}

TimePoint read_instant(std::string_view option, const std::string& text) {
  const auto instant = parse_time(text);
  if (instant) return *instant;
  throw UsageError{std::string{option} + " is \"" + text +
                   "\"; write an instant such as 2026-11-21T09:00:00Z or "
                   "2026-11-21T10:00:00+01:00"};
}

TimePoint read_exact_instant(std::string_view option, const std::string& text) {
  bool is_later = false;  // by less than a microsecond
  const auto point = text.find('.');
  if (point != std::string::npos && text.size() > point + 7) {
    const auto digits_end = std::min(text.find_first_not_of("0123456789", point + 1), text.size());
    const auto from = std::min(point + 7, digits_end);
    is_later = text.substr(from, digits_end - from).find_first_not_of('0') != std::string::npos;
  }
  // Only whether it is a whole second counts; never on into the next one.
  const auto exact = [&](TimePoint instant) {
    const bool is_whole = std::chrono::floor<std::chrono::seconds>(instant) == instant;
    return is_later && is_whole ? instant + Duration{1} : instant;
  };
  if (const auto instant = parse_time(text)) return exact(*instant);
  // Near the ends of time the offset may lead out of the years that an instant can have in UTC.
  constexpr std::size_t offset_size = 6;
  if (text.size() > offset_size && (text.end()[-6] == '-' || text.end()[-6] == '+')) {
    const std::string local = text.substr(0, text.size() - offset_size) + 'Z';
    const std::string offset = text.substr(text.size() - offset_size);
    const auto instant = parse_time(local);
    const auto shifted = parse_time("2000-01-01T00:00:00" + offset);
    const auto plain = parse_time("2000-01-01T00:00:00Z");
    if (instant && shifted) return exact(*instant + (*shifted - *plain));
  }
  return read_instant(option, text);
}

TimePoint read_past(std::string_view option, const std::string& text, TimePoint now) {
  const auto span = parse_duration(text);
  if (span && *span >= Duration::zero()) return now - *span;
  const auto instant = parse_time(text);
  if (instant) return *instant;
  throw UsageError{std::string{option} + " is \"" + text +
                   "\"; write an instant such as 2026-11-21T09:00:00Z, or a span back from now "
                   "such as 15m, 2h or 1d"};
}

std::string absolute(TimePoint instant) {
  std::string text = to_string(instant);  // 2026-11-21T09:00:00.123456Z
  text[10] = ' ';
  text.erase(19, 7);
  return text;
}

std::string relative(TimePoint instant, TimePoint now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(std::chrono::abs(now - instant));
  if (seconds < std::chrono::seconds{1}) return "now";
  return instant < now ? coarse(seconds) + " ago" : "in " + coarse(seconds);
}

std::string both(TimePoint instant, TimePoint now) {
  return absolute(instant) + " (" + relative(instant, now) + ")";
}

std::string brief(Duration span) {
  const auto microseconds = static_cast<double>(span.count());
  if (microseconds < 1e3) return std::to_string(span.count()) + "us";
  if (microseconds < 1e6) return decimal(microseconds / 1e3, "ms");
  if (microseconds < 60e6) return decimal(microseconds / 1e6, "s");
  return to_string(Duration{std::chrono::floor<std::chrono::seconds>(span)});
}

std::string counted(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, ",");
  return text;
}

std::string one_line(std::string_view text, std::size_t width) {
  std::string line;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (begins_character(text[i]) && ++characters > width) {
      while (!line.empty() && !begins_character(line.back())) line.pop_back();
      if (!line.empty()) line.pop_back();
      return line + "…";
    }
    line += is_control(text[i]) ? ' ' : text[i];
  }
  return line;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

}  // namespace portfire::cli
