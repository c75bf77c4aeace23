#include <portfire/memory.hpp>
#include <portfire/testing/conformance.hpp>

namespace {

portfire::conformance::Driver memory_driver() {
  return {.name = "Memory", .place = [] {
            return [](std::shared_ptr<const portfire::TimeOffset> offset) {
              return portfire::memory::open({.time_offset = std::move(offset)});
            };
          }};
}

}  // namespace

PORTFIRE_CONFORMANCE(Memory, memory_driver());
