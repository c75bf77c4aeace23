#include "model/occurrences.hpp"

#include <algorithm>

#include <portfire/error.hpp>

#include "model/rules.hpp"

namespace portfire {

namespace {

using std::chrono::days;
using std::chrono::local_days;

// How often the interval fits, towards the past.
std::int64_t whole_intervals(Duration span, Duration interval) {
  const std::int64_t count = span / interval;
  return span % interval < Duration::zero() ? count - 1 : count;
}

Schedule seeded(const Schedule& schedule, std::string_view seed) {
  if (schedule.is_interval() || !schedule.cron().needs_seed()) return schedule;
  return schedule.cron().with_seed(seed);
}

}  // namespace

Occurrences::Occurrences(const Schedule& schedule, TimeZone zone, Bounds bounds,
                         std::string_view seed)
    : schedule_{seeded(schedule, seed)}, zone_{std::move(zone)}, bounds_{std::move(bounds)} {
  for (const auto& day : bounds_.except) days_left_out_.emplace_back(day);
  std::ranges::sort(days_left_out_);
}

std::optional<TimePoint> Occurrences::next_of_schedule(TimePoint instant) const {
  if (!schedule_.is_interval()) {
    return schedule_.cron().next(instant, zone_, {.inclusive = true});
  }
  const Duration since = instant - schedule_.anchor() - Duration{1};
  return schedule_.anchor() +
         (whole_intervals(since, schedule_.interval()) + 1) * schedule_.interval();
}

std::optional<TimePoint> Occurrences::previous_of_schedule(TimePoint instant) const {
  if (!schedule_.is_interval()) {
    return schedule_.cron().previous(instant, zone_, {.inclusive = true});
  }
  const Duration since = instant - schedule_.anchor();
  return schedule_.anchor() + whole_intervals(since, schedule_.interval()) * schedule_.interval();
}

std::optional<local_days> Occurrences::day_left_out(TimePoint instant) const {
  if (days_left_out_.empty()) return std::nullopt;
  const auto second = std::chrono::floor<std::chrono::seconds>(instant);
  const auto day = std::chrono::floor<days>(zone_.local_at(second));
  if (!std::ranges::binary_search(days_left_out_, day)) return std::nullopt;
  return day;
}

TimePoint Occurrences::begin_of(local_days day) const {
  const LocalInstants midnight = zone_.instants_at(day);
  // Where midnight is left out, the day begins with the change of the clocks.
  return midnight.kind == LocalInstants::Kind::skipped ? midnight.change : midnight.first;
}

std::optional<TimePoint> Occurrences::at_or_after(TimePoint instant) const {
  if (bounds_.start) instant = std::max(instant, *bounds_.start);
  for (;;) {
    const auto found = next_of_schedule(instant);
    if (!found || (bounds_.end && *found > *bounds_.end)) return std::nullopt;
    const auto left_out = day_left_out(*found);
    if (!left_out) return found;
    // Later than the one found in any case: the clocks may be put back over midnight.
    instant = std::max(begin_of(*left_out + days{1}), *found + Duration{1});
  }
}

std::optional<TimePoint> Occurrences::at_or_before(TimePoint instant) const {
  if (bounds_.end) instant = std::min(instant, *bounds_.end);
  for (;;) {
    const auto found = previous_of_schedule(instant);
    if (!found || (bounds_.start && *found < *bounds_.start)) return std::nullopt;
    const auto left_out = day_left_out(*found);
    if (!left_out) return found;
    instant = std::min(begin_of(*left_out), *found) - Duration{1};
  }
}

}  // namespace portfire
