#include <portfire/memory.hpp>

#include "scenarios/backends.hpp"

namespace portfire::scenarios {

std::vector<Backend> backends() {
  return {{.name = "Memory", .open = [](std::shared_ptr<const TimeOffset> offset) {
             return memory::open({.time_offset = std::move(offset)});
           }}};
}

}  // namespace portfire::scenarios
