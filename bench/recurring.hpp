#pragma once

// Whether one server keeps up with many definitions of recurring jobs.

#include "bench/bench.hpp"
#include "bench/latency.hpp"
#include "bench/scratch.hpp"

namespace portfire::bench {

struct Punctuality {
  double due_per_s = 0;  // occurrences that were due
  double run_per_s = 0;  // jobs of those that have run, until the last one had
  Latency late;          // from the occurrence to the handler's first line
};

// Each definition has an occurrence every 100 seconds, spread evenly.
Punctuality recurring_punctuality(Scratch& scratch, const Plan& plan);

}  // namespace portfire::bench
