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

// The same with a server that somebody else has started. `entered` waits until the handler of the
// job just enqueued was entered, or a minute, and says when that was.
Latency latency_of(const std::shared_ptr<Storage>& storage, const Plan& plan,
                   const std::function<SteadyPoint()>& entered);

// The least that a start on an idle system takes: one thread wakes another, after the same pauses.
// The median, in microseconds.
double wake_up_us_p50(Runtime& runtime);

}  // namespace portfire::bench
