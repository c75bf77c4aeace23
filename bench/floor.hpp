#pragma once

// The least that an engine must do for the same result: claim in order, check the epoch per job,
// keep each finished job readable by id and by time. No JSON, no threads. One file per engine.

#include <cstddef>
#include <filesystem>
#include <string>

#include "bench/scratch.hpp"

namespace portfire::bench {

// Jobs a second; zero: not measured.
struct Floor {
  double enqueue_per_s = 0;
  double enqueue_8_threads_per_s = 0;
  double bulk_enqueue_per_s = 0;
  double drain_per_s = 0;
};

struct FloorPlan {
  std::size_t jobs = 0;
  bool survives_power_loss = false;
  std::filesystem::path directory;  // where to make files, if any are made
  Place place;                      // empty, for floors that use the tables of the driver
};

Floor memory_floor(const FloorPlan& plan);

}  // namespace portfire::bench
