#pragma once

// The least that an engine must do for the same result: claim in order, check the epoch per job,
// keep each finished job readable by id and by time. No JSON, no threads. One file per engine.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace portfire::bench {

// Jobs a second; zero: not measured.
struct Floor {
  double enqueue_per_s = 0;
  double bulk_enqueue_per_s = 0;
  double drain_per_s = 0;
};

struct FloorPlan {
  std::size_t jobs = 0;
  bool survives_power_loss = false;
  std::filesystem::path directory;  // where to make files, if any are made
  std::string url = {};             // of the database, without options of Portfire's own
};

// By scheme.
using Floors = std::map<std::string, std::function<Floor(const FloorPlan&)>, std::less<>>;

Floors all_floors();

Floor memory_floor(const FloorPlan& plan);

}  // namespace portfire::bench
