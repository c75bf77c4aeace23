#pragma once

// What measurements need of an engine besides storages on it. One file per engine.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "bench/floor.hpp"
#include "bench/post.hpp"
#include "bench/scratch.hpp"

namespace portfire::bench {

// Bytes on the disk, or in memory, by table, or by whatever else the engine tells apart.
using Sizes = std::map<std::string, std::uint64_t>;

// Functions that an engine has nothing for are empty.
struct Engine {
  std::function<Floor(const FloorPlan&)> floor = {};

  // Does at once what the engine would do in the background soon after a great change, and so
  // beside the measurement.
  std::function<void(const Place&)> settle = {};

  std::function<Sizes(const Place&)> sizes = {};

  // Bytes of memory that what is stored takes, of an engine that holds everything there.
  std::function<std::uint64_t(const Place&)> memory = {};

  // Begins a transaction that sees the database as it is now. It is open until the last copy of
  // what is returned has gone.
  std::function<std::shared_ptr<void>(const Place&)> hold = {};

  // For the floor of a start between processes.
  MakePost post = {};
};

// By scheme.
using Engines = std::map<std::string, Engine, std::less<>>;

Engines all_engines();

}  // namespace portfire::bench
