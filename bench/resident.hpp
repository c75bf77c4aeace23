#pragma once

// How much memory stays resident.

#include <memory>

#include "bench/bench.hpp"
#include "bench/engine.hpp"
#include "bench/scratch.hpp"

namespace portfire::bench {

struct Resident {
  double idle_server_mib = 0;
  double drain_first_tenth_mib = 0;  // the most while the first tenth of the jobs ran
  double drain_peak_mib = 0;         // the most while all of them ran

  // Of the engine, where it holds everything in memory: 0 elsewhere.
  double bytes_per_waiting_job = 0;
  double bytes_per_finished_job = 0;
};

// Of this process: with one idle server, then while it drains all jobs of the plan. Must come
// before other measurements, which leave their traces in the heap.
Resident resident_memory(Scratch& scratch, const Engine& engine, const Plan& plan);

}  // namespace portfire::bench
