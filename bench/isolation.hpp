#pragma once

// What it costs to run each job in a process of its own.

#include <optional>

#include "bench/bench.hpp"
#include "bench/scratch.hpp"

namespace portfire::bench {

struct IsolationCost {
  double thread_per_s = 0;   // the drain, jobs in the server's process …
  double process_per_s = 0;  // … and in children
  double overhead_us = 0;    // by one worker: so much longer a job takes in a child
};

IsolationCost isolation_cost(Scratch& scratch, const Plan& plan);

// The first line of a `main` whose program measures that.
std::optional<int> serve_as_child(int argument_count, char** arguments);

}  // namespace portfire::bench
