#pragma once

/// A storage in the memory of one process: for tests, for jobs that may be lost with the process,
/// and the model that other drivers are compared with. Same contract as every other driver.

#include <memory>

#include <portfire/runtime.hpp>
#include <portfire/storage/storage.hpp>

namespace portfire::memory {

struct Options {
  /// Clocks and events; nothing means `thread_runtime()`.
  std::shared_ptr<Runtime> runtime = {};
  /// For tests: shifts the storage's clock.
  std::shared_ptr<const TimeOffset> time_offset = {};
};

/// A new, empty storage.
std::shared_ptr<Storage> open(Options options = {});

}  // namespace portfire::memory
