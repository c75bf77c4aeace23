#pragma once

// Whether a storage stays as fast, and as small, as it was at first.

#include "bench/bench.hpp"
#include "bench/engine.hpp"

namespace portfire::bench {

struct Steady {
  std::size_t jobs = 0;  // that ran
  double first_fifth_per_s = 0;
  double last_fifth_per_s = 0;
  // Empty where the engine does not say.
  Sizes after_first_fifth;
  Sizes at_end;
};

// Jobs are enqueued and run at the same time for `plan.steady`.
Steady steady_state(const Place& place, const Engine& engine, const Plan& plan);

}  // namespace portfire::bench
