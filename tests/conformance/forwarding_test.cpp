#include <portfire/memory.hpp>
#include <portfire/testing/conformance.hpp>
#include <portfire/testing/faulty_storage.hpp>

namespace {

// What wraps a storage and passes every call on must be as good as the storage.
portfire::conformance::Driver forwarding_driver() {
  return {.name = "Forwarding", .place = [] {
            return [](std::shared_ptr<const portfire::TimeOffset> offset) {
              return std::make_shared<portfire::testing::FaultyStorage>(
                  portfire::memory::open({.time_offset = std::move(offset)}));
            };
          }};
}

}  // namespace

PORTFIRE_CONFORMANCE(Forwarding, forwarding_driver());
