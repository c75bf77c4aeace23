#pragma once

// What jobs that lie around cost those that run.

#include "bench/bench.hpp"
#include "bench/engine.hpp"
#include "bench/scratch.hpp"

namespace portfire::bench {

struct Backlog {
  double empty_per_s = 0;  // the drain with nothing else in the storage
  double full_per_s = 0;
};

// The drain of all jobs, beside the drain of as many at the front of a queue in which
// `plan.backlog` others wait; as many are finished, as many are scheduled, and a tenth of that
// await another job.
Backlog drain_with_backlog(Scratch& scratch, const Engine& engine, const Plan& plan);

}  // namespace portfire::bench
