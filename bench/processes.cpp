#include "bench/processes.hpp"

#include <memory>
#include <vector>

#include <portfire/client.hpp>
#include <portfire/error.hpp>

#include "bench/counting.hpp"
#include "bench/rates.hpp"
#include "bench/server_process.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

using std::chrono::milliseconds;

namespace {

// What the other process sends, which it does soon.
std::int64_t told_by(ServerProcess& process) {
  const auto number = process.receive(std::chrono::minutes{1});
  if (number) return *number;
  throw StorageError{"a job did not run within a minute", {.operation = "bench"}};
}

SteadyPoint instant_told_by(ServerProcess& process) {
  return SteadyPoint{std::chrono::nanoseconds{told_by(process)}};
}

}  // namespace

Latency start_latency_apart(Scratch& scratch, const Plan& plan) {
  const Place place = scratch.place();
  ServerProcess server{place.url, News::entries, plan};
  server.go();
  Client client{place.storage, {.log = plan.log}};
  std::size_t created = 0;
  return latency_of(*place.storage->runtime(), plan, "latency between processes",
                    {.create =
                         [&](std::size_t number) {
                           client.enqueue(no_op, static_cast<std::int64_t>(number), ballast);
                           ++created;
                         },
                     .entered = [&] { return instant_told_by(server); },
                     // Whoever waits for a job listens for news, which most that enqueue do not.
                     .settle = [&] { wait_until_stored(*place.storage, created); }});
}

Latency start_floor_apart(Scratch& scratch, const Engine& engine, const Plan& plan) {
  const Place place = scratch.place();
  const auto post = engine.post(place.native_url, place.name, Post::Side::sender);
  ServerProcess receiver{place.native_url, place.name, plan};
  return latency_of(*place.storage->runtime(), plan, "floor of latency",
                    {.create = [&](std::size_t number) { post->send(number + 1); },
                     .entered = [&] { return instant_told_by(receiver); },
                     .settle = [&] { told_by(receiver); }});
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
