#pragma once

// One engine's run, from its start to the figures.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

namespace portfire::chaos {

struct Order {
  std::string engine;
  std::chrono::seconds length{60};
  std::uint64_t seed = 1;
  std::filesystem::path directory;  // for ledgers, logs and data: exists, and is empty
};

// Prints a line of figures to standard output and what is wrong to standard error. Whether nothing
// is. Throws what the engine's own process throws.
bool run(const Order& order);

}  // namespace portfire::chaos
