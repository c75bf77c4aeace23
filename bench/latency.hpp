#pragma once

// How soon a job starts on an idle system.

#include <functional>
#include <memory>
#include <vector>

#include <portfire/runtime.hpp>
#include <portfire/storage/storage.hpp>

#include "bench/bench.hpp"

namespace portfire::bench {

struct Latency {
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
};

Latency percentiles_of(std::vector<double> milliseconds);

// From just before `enqueue` is called to the first line of the handler, client and server in one
// process, one job at a time, with a short random pause after each has ended.
Latency start_latency(const std::shared_ptr<Storage>& storage, const Plan& plan);

// What the samples are made of, each timed from just before `create` to what `entered` says, and
// followed by `settle`.
struct Start {
  std::function<void(std::size_t number)> create;
  std::function<SteadyPoint()> entered;
  std::function<void()> settle;
};
Latency latency_of(Runtime& runtime, const Plan& plan, const char* what, const Start& start);

// The least that a start on an idle system takes: one thread wakes another, after the same pauses.
// The median, in microseconds.
double wake_up_us_p50(Runtime& runtime);

}  // namespace portfire::bench
