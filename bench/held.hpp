#pragma once

// What a transaction that somebody keeps open costs: nothing that was deleted since can be cleaned
// away.

#include "bench/bench.hpp"
#include "bench/engine.hpp"

namespace portfire::bench {

struct Held {
  double before_per_s = 0;  // the drain with no such transaction
  double held_per_s = 0;
};

// A drain; then jobs are enqueued and run for `plan.held` while a transaction is open; then a drain
// with it still open. `engine.hold` must not be empty.
Held drain_while_held(const Place& place, const Engine& engine, const Plan& plan);

}  // namespace portfire::bench
