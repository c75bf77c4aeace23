#include "bench/redis_floor.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/counting.hpp"
#include "bench/crowd.hpp"
#include "bench/raw_scripts.hpp"

namespace portfire::bench {

namespace {

// Two calls are on their way: one is served, one waits for its turn.
double bulk_rate(const FloorPlan& plan, RawScripts& raw, std::uint64_t first_serial,
                 std::size_t per_call) {
  Runtime& runtime = *plan.place.storage->runtime();
  const SteadyPoint begin = runtime.steady_now();
  std::size_t unanswered = 0;
  for (std::size_t done = 0; done < plan.jobs; done += per_call) {
    raw.send_creations(first_serial + done, std::min(per_call, plan.jobs - done));
    if (++unanswered < 2) continue;
    raw.receive_creations();
    --unanswered;
  }
  for (; unanswered > 0; --unanswered) raw.receive_creations();
  return per_second(plan.jobs, runtime.steady_now() - begin);
}

double drain_rate(const FloorPlan& plan, RawScripts& raw, std::size_t per_call) {
  Runtime& runtime = *plan.place.storage->runtime();
  const SteadyPoint begin = runtime.steady_now();
  // The answers that are yet to come: of claims, or of the ends of so many.
  std::deque<std::size_t> awaited{0, 0};
  for (std::size_t i = 0; i < awaited.size(); ++i) raw.send_claim(per_call);
  std::size_t finished = 0;
  while (!awaited.empty()) {
    const std::size_t ends = awaited.front();
    awaited.pop_front();
    if (ends > 0) {
      raw.receive_ends();
      finished += ends;
      continue;
    }
    const auto claimed = raw.receive_claim();
    if (claimed->elements < 4) continue;
    raw.send_ends(*claimed);
    raw.send_claim(per_call);
    awaited.insert(awaited.end(), {claimed->elements / 4, 0});
  }
  if (finished != plan.jobs) throw std::runtime_error{"the floor lost jobs"};
  return per_second(plan.jobs, runtime.steady_now() - begin);
}

double enqueue_rate(const FloorPlan& plan, std::uint64_t first_serial, std::size_t connections) {
  std::vector<std::unique_ptr<RawScripts>> all;
  std::vector<std::function<void(std::size_t)>> workers;
  for (std::size_t i = 0; i < connections; ++i) {
    RawScripts& raw =
        *all.emplace_back(std::make_unique<RawScripts>(plan.place.native_url, plan.place.name));
    workers.emplace_back([&raw, first_serial](std::size_t number) {
      raw.send_creations(first_serial + number, 1);
      raw.receive_creations();
    });
  }
  return crowd_rate(*plan.place.storage->runtime(), plan.jobs, workers);
}

}  // namespace

Floor redis_floor(const FloorPlan& plan) {
  constexpr std::size_t crowd = 8;
  Floor floor;
  RawScripts raw{plan.place.native_url, plan.place.name};
  raw.announce();
  std::uint64_t serial = 1;
  for (const std::size_t per_call : {100U, 500U, 1000U}) {
    floor.bulk_enqueue_per_s =
        std::max(floor.bulk_enqueue_per_s, bulk_rate(plan, raw, serial, per_call));
    floor.drain_per_s = std::max(floor.drain_per_s, drain_rate(plan, raw, per_call));
    serial += plan.jobs;
  }
  floor.enqueue_per_s = enqueue_rate(plan, serial, 1);
  floor.enqueue_8_threads_per_s = enqueue_rate(plan, serial + plan.jobs, crowd);
  return floor;
}

}  // namespace portfire::bench
