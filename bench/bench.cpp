#include "bench/bench.hpp"

#include <algorithm>
#include <cmath>

#include <portfire/error.hpp>

#include "bench/backlog.hpp"
#include "bench/batches.hpp"
#include "bench/due.hpp"
#ifdef PORTFIRE_HAS_DASHBOARD
#include "bench/dashboard.hpp"
#endif
#include "bench/engine.hpp"
#include "bench/held.hpp"
#include "bench/isolation.hpp"
#include "bench/latency.hpp"
#include "bench/machine.hpp"
#include "bench/processes.hpp"
#include "bench/rates.hpp"
#include "bench/recurring.hpp"
#include "bench/resident.hpp"
#include "bench/scratch.hpp"
#include "bench/steady.hpp"

namespace portfire::bench {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t crowd = 8;

double rounded(double value, double digits = 1) { return std::round(value * digits) / digits; }

void measure_memory(Scratch& scratch, const Engine& engine, const Plan& plan, Json& report) {
  if (!plan.memory) return;
  const Resident resident = resident_memory(scratch, engine, plan);
  report["resident_mib"] = {{"idle_server", rounded(resident.idle_server_mib, 10)},
                            {"drain_first_tenth", rounded(resident.drain_first_tenth_mib, 10)},
                            {"drain_peak", rounded(resident.drain_peak_mib, 10)}};
  if (!engine.memory) return;
  report["stored_bytes_per_job"] = {{"waiting", rounded(resident.bytes_per_waiting_job)},
                                    {"finished", rounded(resident.bytes_per_finished_job)}};
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

void measure_batch(Scratch& scratch, const Plan& plan, Json& report) {
  if (!plan.batch) return;
  const BatchRates rates = batch_rates(scratch, plan);
  report["batch"] = {{"create_alone_per_s", rounded(rates.create_alone_per_s)},
                     {"create_members_per_s", rounded(rates.create_members_per_s)},
                     {"drain_alone_per_s", rounded(rates.drain_alone_per_s)},
                     {"drain_members_per_s", rounded(rates.drain_members_per_s)}};
}

Json json_of(const Latency& latency) {
  return {{"p50", rounded(latency.p50_ms, 1000)},
          {"p95", rounded(latency.p95_ms, 1000)},
          {"p99", rounded(latency.p99_ms, 1000)}};
}

void measure_latency(Scratch& scratch, const Plan& plan, Json& report) {
  if (plan.latency) report["start_latency_ms"] = json_of(start_latency(scratch.open(), plan));
  if (plan.apart) report["start_latency_apart_ms"] = json_of(start_latency_apart(scratch, plan));
}

void measure_processes(Scratch& scratch, const Plan& plan, Json& report) {
  if (!plan.processes) return;
  const double one = processes_drain_rate(scratch, 1, plan);
  scratch.clear();
  report["servers"] = {
      {"count", plan.servers},
      {"drain_by_one_per_s", rounded(one)},
      {"drain_by_all_per_s", rounded(processes_drain_rate(scratch, plan.servers, plan))}};
}

void measure_backlog(Scratch& scratch, const Engine& engine, const Plan& plan, Json& report) {
  if (!plan.with_backlog) return;
  const Backlog backlog = drain_with_backlog(scratch, engine, plan);
  report["backlog"] = {{"waiting", plan.backlog},
                       {"scheduled", plan.backlog},
                       {"finished", plan.backlog},
                       {"awaiting", plan.backlog / 10},
                       {"drain_empty_per_s", rounded(backlog.empty_per_s)},
                       {"drain_full_per_s", rounded(backlog.full_per_s)}};
}

void measure_held(Scratch& scratch, const Engine& engine, const Plan& plan, Json& report) {
  if (!plan.with_held) return;
  const Held held = drain_while_held(scratch.place(), engine, plan);
  report["held"] = {{"seconds", plan.held.count()},
                    {"drain_before_per_s", rounded(held.before_per_s)},
                    {"drain_held_per_s", rounded(held.held_per_s)}};
}

Json mib_of(const Sizes& sizes) {
  constexpr double bytes_per_mib = 1024.0 * 1024.0;
  Json all = {{"total", 0}};
  double total = 0;
  for (const auto& [name, bytes] : sizes) {
    const double mib = static_cast<double>(bytes) / bytes_per_mib;
    total += mib;
    const double shown = rounded(mib, 10);
    if (shown > 0) all[name] = shown;
  }
  all["total"] = rounded(total, 10);
  return all;
}

void measure_steady_state(Scratch& scratch, const Engine& engine, const Plan& plan, Json& report) {
  if (!plan.steady_state) return;
  const Steady steady = steady_state(scratch.place(), engine, plan);
  Json& json = report["steady"];
  json = {{"seconds", plan.steady.count()},
          {"jobs", steady.jobs},
          {"first_fifth_per_s", rounded(steady.first_fifth_per_s)},
          {"last_fifth_per_s", rounded(steady.last_fifth_per_s)}};
  if (steady.at_end.empty()) return;
  json["first_fifth_mib"] = mib_of(steady.after_first_fifth);
  json["end_mib"] = mib_of(steady.at_end);
}

void measure_due(Scratch& scratch, const Plan& plan, Json& report) {
  if (!plan.due) return;
  report["due"] = {{"jobs", plan.backlog}, {"promote_per_s", rounded(promote_rate(scratch, plan))}};
}

void measure_recurring(Scratch& scratch, const Plan& plan, Json& report) {
  if (!plan.with_recurring) return;
  const Punctuality seen = recurring_punctuality(scratch, plan);
  report["recurring"] = {{"definitions", plan.definitions},
                         {"seconds", plan.recurring.count()},
                         {"due_per_s", rounded(seen.due_per_s)},
                         {"run_per_s", rounded(seen.run_per_s)},
                         {"late_ms", json_of(seen.late)}};
}

void measure_dashboard(Scratch& scratch, const Engine& engine, const Plan& plan, Json& report) {
  if (!plan.dashboard) return;
#ifdef PORTFIRE_HAS_DASHBOARD
  const DashboardCost cost = dashboard_cost(scratch, engine, plan);
  Json& json = report["dashboard"];
  json = {{"waiting", plan.backlog},
          {"unwatched_per_s", rounded(cost.unwatched_per_s)},
          {"watched_per_s", rounded(cost.watched_per_s)}};
  for (const auto& [page, latency] : cost.pages) json["pages_ms"][page] = json_of(latency);
#else
  (void)scratch;
  (void)engine;
  (void)report;
  throw UsageError{"--measure dashboard: this program was built without the dashboard"};
#endif
}

void measure_isolation(Scratch& scratch, const Plan& plan, Json& report) {
  if (!plan.isolation) return;
  const IsolationCost cost = isolation_cost(scratch, plan);
  report["isolation"] = {{"drain_in_threads_per_s", rounded(cost.thread_per_s)},
                         {"drain_in_processes_per_s", rounded(cost.process_per_s)},
                         {"overhead_us", rounded(cost.overhead_us, 10)}};
}

Json measure_floor(Scratch& scratch, const Engine& engine, bool durable, const Plan& plan) {
  plan.progress("floor", 0, plan.jobs);
  const Floor floor = engine.floor({.jobs = plan.jobs,
                                    .survives_power_loss = durable,
                                    .directory = scratch.directory(),
                                    .place = scratch.place()});
  Json rates = Json::object();
  const auto add = [&rates](const char* name, double rate) {
    if (rate > 0) rates[name] = rounded(rate);
  };
  add("enqueue_per_s", floor.enqueue_per_s);
  add("enqueue_8_threads_per_s", floor.enqueue_8_threads_per_s);
  add("bulk_enqueue_per_s", floor.bulk_enqueue_per_s);
  add("drain_per_s", floor.drain_per_s);
  if (plan.apart && engine.post) {
    rates["start_latency_apart_ms"] = json_of(start_floor_apart(scratch, engine, plan));
  }
  if (plan.latency || plan.apart) {
    rates["wake_up_us_p50"] = rounded(wake_up_us_p50(*thread_runtime()), 10);
  }
  return rates;
}

// Before anything is measured for minutes.
void refuse_the_impossible(const StorageUrl& url, const Engine& engine, bool is_shared,
                           const Plan& plan) {
  const auto refuse = [](const std::string& what, const std::string& why, const char* instead) {
    throw UsageError{what + ": " + why + "; leave it out, or measure another storage, such as " +
                     instead};
  };
  const std::string alone = "a " + url.scheme + " storage lives within one process";
  if (plan.apart && !is_shared) refuse("--measure apart", alone, "sqlite:jobs.db");
  if (plan.processes && !is_shared) refuse("--measure servers", alone, "sqlite:jobs.db");
  if (plan.with_held && !engine.hold) {
    refuse("--measure held", url.scheme + " storages have no transactions that others hold open",
           "postgresql://user@host/database");
  }
  if (plan.floor && !engine.floor) {
    throw UsageError{"--floor: no floor is known for " + url.scheme + " storages; leave it out"};
  }
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
  const StorageCapabilities capabilities = scratch.open()->capabilities();
  const bool durable = capabilities.survives_power_loss;
  const Engine engine = all_engines()[url.scheme];
  refuse_the_impossible(url, engine, capabilities.shared, plan);
  Json report = {{"storage", url.scheme},
                 {"durable", durable},
                 {"jobs", plan.jobs},
                 {"workers", plan.workers}};
  Cost cost;
  Json floor;
  cost.of([&] {
    // In a process that has done nothing yet, or it would also tell how far its memory is strewn.
    measure_latency(scratch, plan, report);
    scratch.clear();
    measure_memory(scratch, engine, plan, report);
    scratch.clear();
    measure_bulk_and_drain(scratch, plan, report);
  });
  // Right between the rates that it stands beside: disks have good and bad minutes.
  if (plan.floor) floor = measure_floor(scratch, engine, durable, plan);
  scratch.clear();
  cost.of([&] {
    measure_enqueue(scratch, plan, report);
    scratch.clear();
    measure_batch(scratch, plan, report);
    scratch.clear();
    measure_processes(scratch, plan, report);
    scratch.clear();
    measure_backlog(scratch, engine, plan, report);
    scratch.clear();
    measure_held(scratch, engine, plan, report);
    scratch.clear();
    measure_steady_state(scratch, engine, plan, report);
    scratch.clear();
    measure_due(scratch, plan, report);
    scratch.clear();
    measure_recurring(scratch, plan, report);
    scratch.clear();
    measure_dashboard(scratch, engine, plan, report);
    scratch.clear();
    measure_isolation(scratch, plan, report);
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
