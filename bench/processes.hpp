#pragma once

// Servers in processes of their own.

#include "bench/bench.hpp"
#include "bench/engine.hpp"
#include "bench/latency.hpp"
#include "bench/scratch.hpp"

namespace portfire::bench {

// As `start_latency`, the client here and the server in another process.
Latency start_latency_apart(Scratch& scratch, const Plan& plan);

// The floor of that: the least that the raw engine must do between two processes.
Latency start_floor_apart(Scratch& scratch, const Engine& engine, const Plan& plan);

// Runs all jobs by so many server processes at once: from when all of them are ready and may go
// until all jobs are stored as Succeeded. Jobs a second.
double processes_drain_rate(Scratch& scratch, std::size_t servers, const Plan& plan);

}  // namespace portfire::bench
