#include "bench/isolation.hpp"

#include <portfire/error.hpp>
#include <portfire/isolation.hpp>
#include <portfire/server.hpp>

#include "bench/counting.hpp"
#include "bench/rates.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

Handlers isolated_handlers() {
  Handlers handlers;
  handlers.on(no_op, [](std::int64_t, const std::string&) {});
  return handlers;
}

double drain(Scratch& scratch, Isolation isolation, const Plan& plan) {
  scratch.clear();
  const auto storage = scratch.open();
  bulk_rate(storage, plan);
  Server server{storage,
                isolated_handlers(),
                {.workers = plan.workers, .isolation = isolation, .log = plan.log}};
  const SteadyPoint begin = storage->runtime()->steady_now();
  server.start();
  wait_until_stored(*storage, plan.jobs);
  const auto took = storage->runtime()->steady_now() - begin;
  server.stop();
  return per_second(plan.jobs, took);
}

}  // namespace

IsolationCost isolation_cost(Scratch& scratch, const Plan& plan) {
  IsolationCost cost;
  cost.thread_per_s = drain(scratch, Isolation::thread, plan);
  cost.process_per_s = drain(scratch, Isolation::process, plan);
  Plan alone = plan;
  alone.workers = 1;
  constexpr double us_per_s = 1e6;
  cost.overhead_us = us_per_s / drain(scratch, Isolation::process, alone) -
                     us_per_s / drain(scratch, Isolation::thread, alone);
  scratch.clear();
  return cost;
}

// What looks like a child's start and is none is for the command line to refuse.
std::optional<int> serve_as_child(int argument_count, char** arguments) {
  try {
    return serve_isolated(argument_count, arguments, isolated_handlers());
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

}  // namespace portfire::bench
