#pragma once

// How many jobs have come how far, and how fast.

#include <chrono>
#include <cstddef>

#include <portfire/runtime.hpp>
#include <portfire/storage/storage.hpp>

namespace portfire::bench {

double per_second(std::size_t jobs, SteadyClock::duration took);
// From an instant until now.
double rate_since(std::size_t jobs, std::chrono::steady_clock::time_point begin);

// Ever since the storage was made.
std::size_t stored_as_succeeded(Storage& storage);

// Notices when nothing moves any more, so that a broken storage does not hang the measurement.
class Patience {
 public:
  explicit Patience(Runtime& runtime) : runtime_{runtime}, since_{runtime.steady_now()} {}

  // Throws StorageError when `done` has been the same for a minute.
  void look(std::size_t done);

 private:
  Runtime& runtime_;
  std::size_t last_ = 0;
  SteadyPoint since_;
};

// Returns when so many are stored as Succeeded; all of them have run, or are about to.
void wait_until_stored(Storage& storage, std::size_t count);

}  // namespace portfire::bench
