#pragma once

// Which occurrences of a recurring job are made up for when its time has come.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <portfire/schedule.hpp>

#include "model/occurrences.hpp"

namespace portfire {

// Puts occurrences off, each by as much as the seed and the occurrence itself decide: the same on
// every server, and evenly spread.
class Jitter {
 public:
  Jitter(Duration longest, std::string_view seed);

  // When an occurrence falls due.
  [[nodiscard]] TimePoint due(TimePoint occurrence) const;

 private:
  const Duration longest_;
  std::uint64_t seed_;
};

struct MisfirePolicy {
  Misfire misfire = Misfire::relaxed;
  std::size_t most_made_up = 100;  // of `strict` and `ignorable`, the latest ones
};

struct Firing {
  std::vector<TimePoint> occurrences;            // to be fired now, in order
  std::optional<TimePoint> next = std::nullopt;  // the one after all that have fallen due
};

// An occurrence not older than this was not missed: a server was a little late.
inline constexpr Duration misfire_tolerance = std::chrono::seconds{30};

// `pending` is the earliest occurrence not yet dealt with, and has fallen due.
Firing fire(const Occurrences& occurrences, const Jitter& jitter, const MisfirePolicy& policy,
            TimePoint pending, TimePoint now);

}  // namespace portfire
