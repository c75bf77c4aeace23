#pragma once

// Jobs that are limited in number, and those that stand in line for their turn.

#include <cstddef>
#include <map>
#include <string>

#include <portfire/state.hpp>
#include <portfire/storage/unit.hpp>

#include "storage/memory/line.hpp"

namespace portfire::memory {

// A job's own part.
struct Limited {
  Limit limit;
  bool counts = false;
  bool in_line = false;
  State wanted;  // while in line: what it takes when it is its turn
};

// One key: how many jobs count, and who stands in line, by the step of joining it.
struct LimitedKey {
  std::size_t counting = 0;
  Line line;
};

// Keys that any job counts or stands in line for.
using Limits = std::map<std::string, LimitedKey>;

}  // namespace portfire::memory
