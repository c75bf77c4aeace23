// Where local times meet the zone: what clocks leave out, and what they show twice.

#include <algorithm>
#include <utility>

#include <portfire/cron.hpp>
#include <portfire/error.hpp>

#include "model/cron_search.hpp"

namespace portfire {

using model::next_local;
using model::previous_local;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

namespace {

using Found = std::optional<sys_seconds>;
using Kind = LocalInstants::Kind;

// Instants that no zone's first and last occurrence is beyond; the arithmetic stays small.
constexpr sys_seconds earliest = std::chrono::sys_days{std::chrono::year{0} / 12 / 1};
constexpr sys_seconds latest = std::chrono::sys_days{std::chrono::year{10'000} / 2 / 1};

// A time that clocks show twice, as two runs of instants over the same local times [begin, end).
struct Repetition {
  Repetition(local_seconds local, const LocalInstants& instants)
      : first_offset{local.time_since_epoch() - instants.first.time_since_epoch()},
        second_offset{local.time_since_epoch() - instants.second.time_since_epoch()},
        begin{instants.change.time_since_epoch() + second_offset},
        end{instants.change.time_since_epoch() + first_offset} {}

  [[nodiscard]] sys_seconds in_first(local_seconds local) const {
    return sys_seconds{local.time_since_epoch() - first_offset};
  }
  [[nodiscard]] sys_seconds in_second(local_seconds local) const {
    return sys_seconds{local.time_since_epoch() - second_offset};
  }

  seconds first_offset;
  seconds second_offset;
  local_seconds begin;
  local_seconds end;
};

// The instant of an occurrence that the search has come to from outside a repetition.
sys_seconds instant_of(local_seconds local, const TimeZone& zone, bool latest_pass) {
  const LocalInstants instants = zone.instants_at(local);
  switch (instants.kind) {
    case Kind::skipped: return instants.change;
    case Kind::repeated: return latest_pass ? instants.second : instants.first;
    case Kind::unique: break;
  }
  return instants.first;
}

}  // namespace

void Cron::check_seed() const {
  if (!needs_seed()) return;
  throw UsageError{"cron expression \"" + std::string{text()} +
                   "\": an H is a number chosen by a seed, and none was given; call with_seed, "
                   "with the name of the job for example"};
}

Found Cron::next_from(sys_seconds from, bool inclusive, const TimeZone& zone) const {
  check_seed();
  if (from > latest) return std::nullopt;
  from = std::max(from, earliest);
  const local_seconds now = zone.local_at(from);
  local_seconds start = inclusive ? now : now + seconds{1};
  const LocalInstants instants = zone.instants_at(now);
  std::optional<local_seconds> found;
  if (instants.kind == Kind::repeated) {
    const Repetition repetition{now, instants};
    const bool in_second = from >= instants.change;
    if (!in_second) {
      found = next_local(fields_, start);
      if (found && *found < repetition.end) return repetition.in_first(*found);
      start = repetition.begin;
    }
    if (fields_.is_interval) {
      found = next_local(fields_, start);
      if (found && *found < repetition.end) return repetition.in_second(*found);
    }
    start = repetition.end;
  }
  found = next_local(fields_, start);
  if (!found) return std::nullopt;
  return instant_of(*found, zone, false);
}

Found Cron::previous_from(sys_seconds from, bool inclusive, const TimeZone& zone) const {
  check_seed();
  if (from < earliest) return std::nullopt;
  const sys_seconds last = std::min(inclusive ? from : from - seconds{1}, latest);
  local_seconds start = zone.local_at(last);
  const LocalInstants instants = zone.instants_at(start);
  std::optional<local_seconds> found;
  if (instants.kind == Kind::repeated) {
    const Repetition repetition{start, instants};
    if (last >= instants.change) {
      if (fields_.is_interval) {
        found = previous_local(fields_, start);
        if (found && *found >= repetition.begin) return repetition.in_second(*found);
      }
      start = repetition.end - seconds{1};
    }
    found = previous_local(fields_, start);
    if (found && *found >= repetition.begin) return repetition.in_first(*found);
    start = repetition.begin - seconds{1};
  }
  found = previous_local(fields_, start);
  if (!found) return std::nullopt;
  return instant_of(*found, zone, fields_.is_interval);
}

CronOccurrences::CronOccurrences(Cron cron, TimeZone zone, sys_seconds from, bool inclusive,
                                 sys_seconds last)
    : cron_{std::move(cron)},
      zone_{std::move(zone)},
      from_{from},
      inclusive_{inclusive},
      last_{last} {
  cron_.check_seed();
}

CronOccurrences::Iterator CronOccurrences::begin() const {
  return {this, within(cron_.next_from(from_, inclusive_, zone_))};
}

Found CronOccurrences::after(sys_seconds instant) const {
  return within(cron_.next_from(instant, false, zone_));
}

Found CronOccurrences::within(Found found) const {
  return found && *found <= last_ ? found : std::nullopt;
}

}  // namespace portfire
