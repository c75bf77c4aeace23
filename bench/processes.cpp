#include "bench/processes.hpp"

#include <memory>
#include <vector>

#include <portfire/error.hpp>

#include "bench/counting.hpp"
#include "bench/rates.hpp"
#include "bench/server_process.hpp"

namespace portfire::bench {

using std::chrono::milliseconds;

Latency start_latency_apart(Scratch& scratch, const Plan& plan) {
  const Place place = scratch.place();
  ServerProcess server{place.url, News::entries, plan};
  server.go();
  return latency_of(place.storage, plan, [&server] {
    const auto entered = server.receive(std::chrono::minutes{1});
    return SteadyPoint{std::chrono::nanoseconds{entered.value_or(0)}};
  });
}

double processes_drain_rate(Scratch& scratch, std::size_t servers, const Plan& plan) {
  const Place place = scratch.place();
  Runtime& runtime = *place.storage->runtime();
  const auto never_set = runtime.make_event();
  bulk_rate(place.storage, plan);
  std::vector<std::unique_ptr<ServerProcess>> all;
  for (std::size_t i = 0; i < servers; ++i) {
    all.push_back(std::make_unique<ServerProcess>(place.url, News::runs, plan));
  }
  Patience patience{runtime};
  const SteadyPoint begin = runtime.steady_now();
  for (const auto& server : all) server->go();
  std::size_t runs = 0;
  while (runs < plan.jobs) {
    never_set->wait_until(runtime.steady_now() + milliseconds{5}, {});
    for (const auto& server : all) {
      runs += static_cast<std::size_t>(server->receive(milliseconds{0}).value_or(0));
    }
    patience.look(runs);
    plan.progress("drain by server processes", runs, plan.jobs);
  }
  wait_until_stored(*place.storage, plan.jobs);
  return per_second(plan.jobs, runtime.steady_now() - begin);
}

}  // namespace portfire::bench
