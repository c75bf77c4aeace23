#pragma once

// How soon the dashboard answers on a full storage, and what those who watch it cost.

#include <map>
#include <string>

#include "bench/bench.hpp"
#include "bench/engine.hpp"
#include "bench/latency.hpp"
#include "bench/scratch.hpp"

namespace portfire::bench {

struct DashboardCost {
  std::map<std::string, Latency> pages;  // by what is asked
  double unwatched_per_s = 0;            // the drain with nobody watching
  double watched_per_s = 0;              // and with fifty who do
};

// With `plan.backlog` jobs waiting, ten times as many finished, and a hundredth of that failed.
DashboardCost dashboard_cost(Scratch& scratch, const Engine& engine, const Plan& plan);

}  // namespace portfire::bench
