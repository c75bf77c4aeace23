#pragma once

// One run: processes, their programs, what befalls them, and whether all was well.

#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>

#include "simulation/faults.hpp"

namespace portfire::simulation {

// What a run is made of. All but the seed are limits by which a failing run is made smaller.
struct Scenario {
  std::uint64_t seed = 1;
  int servers = 4;
  int clients = 4;
  int operations = 100;
  std::uint64_t faults = std::numeric_limits<std::uint64_t>::max();

  friend bool operator==(const Scenario&, const Scenario&) = default;
};

struct Report {
  std::string violation;  // empty: all was well
  std::uint64_t digest = 0;
  std::uint64_t steps = 0;
  std::uint64_t verbs = 0;
  std::uint64_t jobs = 0;
  std::uint64_t executions = 0;
  std::uint64_t accepted = 0;
  std::uint64_t processes = 0;
  std::chrono::milliseconds lasted{};
  std::uint64_t faults = 0;
  std::array<std::uint64_t, fault_kinds> by_kind{};
  // Of the limits, what the run would have used anyway.
  Scenario used;
};

// `output`, where given, is told everything that happens.
Report simulate(const Scenario& scenario, std::FILE* output = nullptr);

}  // namespace portfire::simulation
