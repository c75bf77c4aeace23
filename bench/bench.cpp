#include "bench/bench.hpp"

#include <algorithm>
#include <cmath>

#include <portfire/error.hpp>

#include "bench/floor.hpp"
#include "bench/latency.hpp"
#include "bench/machine.hpp"
#include "bench/rates.hpp"
#include "bench/resident.hpp"
#include "bench/scratch.hpp"

namespace portfire::bench {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t crowd = 8;

double rounded(double value, double digits = 1) { return std::round(value * digits) / digits; }

void measure_memory(Scratch& scratch, const Plan& plan, Json& report) {
  if (!plan.memory) return;
  const Resident resident = resident_memory(scratch, plan);
  report["resident_mib"] = {{"idle_server", rounded(resident.idle_server_mib, 10)},
                            {"drain_first_tenth", rounded(resident.drain_first_tenth_mib, 10)},
                            {"drain_peak", rounded(resident.drain_peak_mib, 10)}};
}

void measure_enqueue(Scratch& scratch, const Plan& plan, Json& report) {
  if (!plan.enqueue) return;
  report["enqueue_per_s"] = rounded(enqueue_rate(scratch.open(), 1, plan));
  report["enqueue_8_threads_per_s"] = rounded(enqueue_rate(scratch.open(), crowd, plan));
}

void measure_bulk_and_drain(Scratch& scratch, const Plan& plan, Json& report) {
  if (!plan.bulk && !plan.drain) return;
  const auto storage = scratch.open();
  const double bulk = bulk_rate(storage, plan);
  if (plan.bulk) report["bulk_enqueue_per_s"] = rounded(bulk);
  if (plan.drain) report["drain_per_s"] = rounded(drain_rate(storage, plan));
}

void measure_latency(Scratch& scratch, const Plan& plan, Json& report) {
  if (!plan.latency) return;
  const Latency latency = start_latency(scratch.open(), plan);
  report["start_latency_ms"] = {{"p50", rounded(latency.p50_ms, 1000)},
                                {"p95", rounded(latency.p95_ms, 1000)},
                                {"p99", rounded(latency.p99_ms, 1000)}};
}

Json measure_floor(const Scratch& scratch, const std::string& scheme, bool durable,
                   const Plan& plan) {
  const Floors floors = all_floors();
  const auto found = floors.find(scheme);
  if (found == floors.end()) {
    throw UsageError{"--floor: no floor is known for " + scheme + " storages; leave it out"};
  }
  plan.progress("floor", 0, plan.jobs);
  const Floor floor = found->second({.jobs = plan.jobs,
                                     .survives_power_loss = durable,
                                     .directory = scratch.directory(),
                                     .url = scratch.native_url()});
  Json rates = Json::object();
  if (floor.enqueue_per_s > 0) rates["enqueue_per_s"] = rounded(floor.enqueue_per_s);
  if (floor.bulk_enqueue_per_s > 0) rates["bulk_enqueue_per_s"] = rounded(floor.bulk_enqueue_per_s);
  if (floor.drain_per_s > 0) rates["drain_per_s"] = rounded(floor.drain_per_s);
  return rates;
}

// What the measurements took, without the floor in their midst.
class Cost {
 public:
  template <class Measurement>
  void of(Measurement measurement) {
    forget_peak_rss();
    const double before = cpu_seconds();
    measurement();
    cpu_seconds_ += cpu_seconds() - before;
    peak_rss_mib_ = std::max(peak_rss_mib_, peak_rss_mib());
  }

  void report(Json& report) const {
    report["cpu_seconds"] = rounded(cpu_seconds_, 100);
    report["peak_rss_mib"] = rounded(peak_rss_mib_, 10);
  }

 private:
  double cpu_seconds_ = 0;
  double peak_rss_mib_ = 0;
};

}  // namespace

nlohmann::ordered_json run(const StorageUrl& url, const Driver& driver, const Plan& plan) {
  Scratch scratch{url, driver};
  const bool durable = scratch.open()->capabilities().survives_power_loss;
  Json report = {{"storage", url.scheme},
                 {"durable", durable},
                 {"jobs", plan.jobs},
                 {"workers", plan.workers}};
  Cost cost;
  Json floor;
  cost.of([&] {
    measure_memory(scratch, plan, report);
    measure_bulk_and_drain(scratch, plan, report);
  });
  // Right between the rates that it stands beside: disks have good and bad minutes.
  if (plan.floor) floor = measure_floor(scratch, url.scheme, durable, plan);
  cost.of([&] {
    measure_enqueue(scratch, plan, report);
    measure_latency(scratch, plan, report);
  });
  cost.report(report);
  if (!scratch.directory().empty()) {
    report["filesystem"] = filesystem_type(scratch.directory());
    report["fsync_us_p50"] = rounded(fsync_us_p50(scratch.directory()));
  }
  if (plan.floor) report["floor"] = std::move(floor);
  return report;
}

}  // namespace portfire::bench
