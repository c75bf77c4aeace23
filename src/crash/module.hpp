#pragma once

// Which program or shared library an address belongs to.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <portfire/stack_tracer.hpp>

namespace portfire::crash {

struct Module {
  const char* path = "";                    // lives as long as the module is loaded
  std::uintptr_t bias = 0;                  // what loading has added to the addresses of its file
  std::span<const unsigned char> build_id;  // within the module
};

// Looks up the program's own path, for `module_of`, which may not.
void prepare_modules();

// Async-signal-safe.
std::optional<Module> module_of(std::uintptr_t address);

CodeLocation location_of(std::uintptr_t address);

}  // namespace portfire::crash
