#include "bench/latency.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

#include <portfire/client.hpp>
#include <portfire/error.hpp>
#include <portfire/handlers.hpp>
#include <portfire/server.hpp>

#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

constexpr std::size_t samples = 600;
constexpr std::size_t warm_up = 50;

double percentile(const std::vector<double>& sorted, std::size_t percent) {
  return sorted[std::min(sorted.size() - 1, sorted.size() * percent / 100)];
}

// Between two jobs everything comes to rest; the length varies so that no timer falls into step.
void pause(Runtime& runtime, Event& never_set) {
  const auto length = std::chrono::microseconds{2000 + runtime.random() % 8000};
  never_set.wait_until(runtime.steady_now() + length, {});
}

}  // namespace

Latency percentiles_of(std::vector<double> milliseconds) {
  std::ranges::sort(milliseconds);
  return {.p50_ms = percentile(milliseconds, 50),
          .p95_ms = percentile(milliseconds, 95),
          .p99_ms = percentile(milliseconds, 99)};
}

Latency start_latency(const std::shared_ptr<Storage>& storage, const Plan& plan) {
  Runtime& runtime = *storage->runtime();
  const auto has_entered = runtime.make_event();
  std::atomic<SteadyPoint> entered{SteadyPoint{}};
  Handlers handlers;
  handlers.on(no_op, [&](std::int64_t, const std::string&) {
    entered = runtime.steady_now();
    has_entered->set();
  });
  Server server{storage, handlers, {.workers = plan.workers, .log = plan.log}};
  server.start();
  Client client{storage, {.log = plan.log}};
  Creation creation;
  const Latency latency = latency_of(
      runtime, plan, "latency",
      {.create =
           [&](std::size_t number) {
             creation = client.enqueue(no_op, static_cast<std::int64_t>(number), ballast);
           },
       .entered =
           [&] {
             has_entered->wait_until(runtime.steady_now() + std::chrono::minutes{1}, {});
             return entered.load();
           },
       .settle =
           [&] {
             // Looking at the storage earlier would disturb what is measured.
             if (client.wait(creation, std::chrono::minutes{1}).ended) return;
             throw StorageError{"a job did not run within a minute", {.operation = "bench"}};
           }});
  server.stop();
  return latency;
}

Latency latency_of(Runtime& runtime, const Plan& plan, const char* what, const Start& start) {
  const auto never_set = runtime.make_event();
  std::vector<double> milliseconds;
  for (std::size_t i = 0; i < warm_up + samples; ++i) {
    pause(runtime, *never_set);
    const SteadyPoint begin = runtime.steady_now();
    start.create(i);
    const std::chrono::duration<double, std::milli> took = start.entered() - begin;
    start.settle();
    if (i >= warm_up) milliseconds.push_back(took.count());
    if (i % 50 == 0) plan.progress(what, i, warm_up + samples);
  }
  return percentiles_of(std::move(milliseconds));
}

double wake_up_us_p50(Runtime& runtime) {
  constexpr std::size_t rounds = 200;
  const auto never_set = runtime.make_event();
  const auto call = runtime.make_event();
  const auto answer = runtime.make_event();
  SteadyPoint woken;
  const auto sleeper = runtime.spawn("sleeper", [&] {
    for (std::size_t i = 0; i < rounds; ++i) {
      call->wait({});
      woken = runtime.steady_now();
      answer->set();
    }
  });
  std::vector<double> microseconds;
  for (std::size_t i = 0; i < rounds; ++i) {
    pause(runtime, *never_set);
    const SteadyPoint begin = runtime.steady_now();
    call->set();
    answer->wait({});
    const std::chrono::duration<double, std::micro> took = woken - begin;
    microseconds.push_back(took.count());
  }
  sleeper->join();
  std::ranges::sort(microseconds);
  return percentile(microseconds, 50);
}

}  // namespace portfire::bench
