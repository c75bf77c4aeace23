#pragma once

// How soon a job starts on an idle system.

#include <memory>

#include <portfire/storage/storage.hpp>

#include "bench/bench.hpp"

namespace portfire::bench {

struct Latency {
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
};

// From just before `enqueue` is called to the first line of the handler, in one process, one job at
// a time, with a short random pause after each has ended.
Latency start_latency(const std::shared_ptr<Storage>& storage, const Plan& plan);

}  // namespace portfire::bench
