#pragma once

// What a batch knows about its members, and which members of deleted batches are still to go.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include <portfire/id.hpp>
#include <portfire/state.hpp>
#include <portfire/storage/monitoring.hpp>
#include <portfire/storage/unit.hpp>

#include "storage/memory/line.hpp"

namespace portfire::memory {

// A batch's own part.
struct Members {
  State opened;         // where it begins, and returns to
  State all_succeeded;  // what it takes when all have ended …
  State all_ended;      // … well, or otherwise
  MemberCounts counts;
};

// Members of a deleted batch, those up to a number apart.
struct Sweep {
  JobId batch;
  std::optional<Duration> retention;
  std::uint64_t after = 0;
};

// All batches of a storage. A row stays while it has members, though the batch may be gone.
struct Batches {
  std::map<JobId, Line> members;          // by number
  std::map<std::uint64_t, Sweep> sweeps;  // by number of the batch
};

// A batch that one verb has changed something about.
struct TouchedBatch {
  JobId batch;
  Release release = Release::straight;
};

// The latest first: so inner ones come before those that they are members of.
using TouchedBatches = std::map<std::uint64_t, TouchedBatch, std::greater<>>;

}  // namespace portfire::memory
