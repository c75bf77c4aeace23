#include "bench/due.hpp"

#include <portfire/client.hpp>
#include <portfire/error.hpp>

#include "bench/counting.hpp"
#include "bench/creation.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

double promote_rate(Scratch& scratch, const Plan& plan) {
  const auto storage = scratch.open();
  Client client{storage, {.log = plan.log}};
  create(client, plan.backlog, plan, "scheduled",
         [](std::size_t) { return request_in(states::scheduled(Duration{1})); });
  Runtime& runtime = *storage->runtime();
  const SteadyPoint begin = runtime.steady_now();
  std::size_t moved = 0;
  while (moved < plan.backlog) {
    const std::size_t now = storage->jobs().promote({.max = bulk_size}).promoted;
    if (now == 0) throw StorageError{"due jobs do not move on", {.operation = "bench"}};
    moved += now;
    plan.progress("due", moved, plan.backlog);
  }
  return per_second(moved, runtime.steady_now() - begin);
}

}  // namespace portfire::bench
