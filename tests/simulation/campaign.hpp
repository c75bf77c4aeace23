#pragma once

// Many seeds one after the other, and what to do with the first one that fails.

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "simulation/world.hpp"

namespace portfire::simulation {

struct Campaign {
  std::uint64_t seeds = 0;
  std::uint64_t steps = 0;
  std::uint64_t verbs = 0;
  std::uint64_t jobs = 0;
  std::uint64_t executions = 0;
  std::uint64_t accepted = 0;
  std::uint64_t processes = 0;
  std::uint64_t faults = 0;
  std::array<std::uint64_t, fault_kinds> by_kind{};
  std::chrono::milliseconds simulated{};
  std::chrono::milliseconds took{};
  // The first seed that failed, made as small as possible, and how to replay it; empty for none.
  std::string failure;
};

// Makes the program independent of the machine that it runs on. Called once, first.
void prepare();

struct Seeds {
  std::uint64_t from = 1;
  std::uint64_t count = 1;
  unsigned threads = 1;
  bool goes_on = false;  // after a failure too; then nothing is made smaller
};

// Runs seeds `from`, `from` + 1, … and stops at the first one that fails. Tells `progress`, where
// given, how far it is.
Campaign run_seeds(const Seeds& seeds, std::FILE* progress = nullptr);

// The smallest run found that still fails: fewer processes, operations and faults.
Scenario shrunk(const Scenario& failing);

// The command that replays a run.
std::string command(const Scenario& scenario);

std::string described(const Scenario& scenario, const Report& report);
std::string described(const Campaign& campaign);

}  // namespace portfire::simulation
