#include "bench/due.hpp"

#include <algorithm>
#include <vector>

#include <portfire/client.hpp>
#include <portfire/error.hpp>

#include "bench/counting.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

double promote_rate(Scratch& scratch, const Plan& plan) {
  const auto storage = scratch.open();
  Client client{storage, {.log = plan.log}};
  for (std::size_t done = 0; done < plan.backlog;) {
    const std::size_t count = std::min(bulk_size, plan.backlog - done);
    const JobRequest request{.name = std::string{no_op.name},
                             .arguments = stored_arguments(),
                             .state = states::scheduled(Duration{1})};
    client.submit_all(std::vector<JobRequest>(count, request), Bulk::all_or_nothing);
    done += count;
    plan.progress("scheduled", done, plan.backlog);
  }
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
