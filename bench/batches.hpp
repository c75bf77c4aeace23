#pragma once

// What it costs that jobs are members of a batch.

#include "bench/bench.hpp"
#include "bench/scratch.hpp"

namespace portfire::bench {

struct BatchRates {
  double create_alone_per_s = 0;  // all jobs in one call, without a batch
  double create_members_per_s = 0;
  double drain_alone_per_s = 0;
  double drain_members_per_s = 0;
};

// All jobs created in one call and drained, and the same as members of one batch.
BatchRates batch_rates(Scratch& scratch, const Plan& plan);

}  // namespace portfire::bench
