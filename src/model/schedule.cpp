#include <portfire/schedule.hpp>

#include <array>

#include <portfire/error.hpp>

#include "model/names.hpp"
#include "model/rules.hpp"

namespace portfire {

namespace {

constexpr Duration longest_interval = std::chrono::hours{24 * 365 * 100};
constexpr std::string_view every_word = "every ";

// By the numbers of the enumerators.
constexpr std::array<std::string_view, 3> misfire_names{"relaxed", "strict", "ignorable"};
constexpr std::array<std::string_view, 4> overlap_names{"allow", "skip", "queue_one",
                                                        "cancel_previous"};

}  // namespace

std::string_view to_string(Misfire misfire) {
  return misfire_names.at(static_cast<std::size_t>(misfire));
}

std::string_view to_string(Overlap overlap) {
  return overlap_names.at(static_cast<std::size_t>(overlap));
}

std::optional<Misfire> parse_misfire(std::string_view text) {
  return parse_name<Misfire>(misfire_names, text);
}

std::optional<Overlap> parse_overlap(std::string_view text) {
  return parse_name<Overlap>(overlap_names, text);
}

Schedule Schedule::every(Duration interval, TimePoint anchor) {
  rules::check_span("interval", interval, std::chrono::seconds{1}, longest_interval);
  Schedule schedule{Cron::never()};
  schedule.interval_ = interval;
  schedule.anchor_ = anchor;
  return schedule;
}

std::string Schedule::describe() const {
  return is_interval() ? "Every " + to_string(interval_) : cron_.describe();
}

std::string Schedule::text() const {
  if (is_interval()) return std::string{every_word} + to_string(interval_);
  return std::string{cron_.text()};
}

Schedule Schedule::parse(std::string_view text) {
  if (!text.starts_with(every_word)) return Cron::parse(text);
  const auto interval = parse_duration(text.substr(every_word.size()));
  if (interval) return every(*interval);
  throw UsageError{"schedule \"" + std::string{text} +
                   "\": after \"every\" comes a span such as 90s or 1h30m"};
}

}  // namespace portfire
