#include "bench/resident.hpp"

#include <algorithm>

#include <portfire/handlers.hpp>
#include <portfire/server.hpp>

#include "bench/machine.hpp"
#include "bench/rates.hpp"

namespace portfire::bench {

namespace {

// Long enough for every duty of a server to have had its first turn.
constexpr std::chrono::seconds settling_time{2};

double idle_server(const std::shared_ptr<Storage>& storage, const Plan& plan) {
  Server server{storage, Handlers{}, {.workers = plan.workers, .log = plan.log}};
  server.start();
  Runtime& runtime = *storage->runtime();
  const auto never_set = runtime.make_event();
  never_set->wait_until(runtime.steady_now() + settling_time, {});
  const double mib = rss_mib();
  server.stop();
  return mib;
}

double bytes_taken(const Engine& engine, const Place& place) {
  return engine.memory ? static_cast<double>(engine.memory(place)) : 0;
}

}  // namespace

Resident resident_memory(Scratch& scratch, const Engine& engine, const Plan& plan) {
  Resident resident;
  const Place place = scratch.place();
  const auto& storage = place.storage;
  resident.idle_server_mib = idle_server(storage, plan);
  const double empty = bytes_taken(engine, place);
  const auto bytes_per_job = [&] {
    return (bytes_taken(engine, place) - empty) / static_cast<double>(plan.jobs);
  };
  bulk_rate(storage, plan);
  resident.bytes_per_waiting_job = bytes_per_job();
  const auto look = [&](std::size_t done) {
    resident.drain_peak_mib = std::max(resident.drain_peak_mib, rss_mib());
    const bool is_early = done < plan.jobs / 10;
    if (is_early) resident.drain_first_tenth_mib = resident.drain_peak_mib;
  };
  look(0);
  drain_rate(storage, plan, look);
  look(plan.jobs);
  resident.bytes_per_finished_job = bytes_per_job();
  return resident;
}

}  // namespace portfire::bench
