#pragma once

// What it costs to run each job in a process of its own.

#include <portfire/handlers.hpp>

#include "bench/bench.hpp"
#include "bench/scratch.hpp"

namespace portfire::bench {

struct IsolationCost {
  double thread_per_s = 0;   // the drain, jobs in the server's process …
  double process_per_s = 0;  // … and in children
  double overhead_us = 0;    // by one worker: so much longer a job takes in a child
};

IsolationCost isolation_cost(Scratch& scratch, const Plan& plan);

// What children of this program run: for `serve_isolated`.
Handlers isolated_handlers();

}  // namespace portfire::bench
