#include "bench/rates.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <tuple>
#include <vector>

#include <portfire/client.hpp>
#include <portfire/handlers.hpp>
#include <portfire/server.hpp>

#include "bench/counting.hpp"
#include "bench/crowd.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

using std::chrono::milliseconds;

double enqueue_rate(const std::shared_ptr<Storage>& storage, std::size_t threads,
                    const Plan& plan) {
  Client client{storage, {.log = plan.log}};
  const auto enqueue = [&](std::size_t number) {
    client.enqueue(no_op, static_cast<std::int64_t>(number), ballast);
    if (number % bulk_size == 0) plan.progress("enqueue", number, plan.jobs);
  };
  return crowd_rate(*storage->runtime(), plan.jobs, {threads, enqueue});
}

double bulk_rate(const std::shared_ptr<Storage>& storage, const Plan& plan) {
  Client client{storage, {.log = plan.log}};
  Runtime& runtime = *storage->runtime();
  const SteadyPoint begin = runtime.steady_now();
  std::vector<std::tuple<std::int64_t, std::string>> calls;
  calls.reserve(bulk_size);
  for (std::size_t done = 0; done < plan.jobs; done += calls.size()) {
    const std::size_t count = std::min(bulk_size, plan.jobs - done);
    calls.clear();
    for (std::size_t i = 0; i < count; ++i) {
      calls.emplace_back(static_cast<std::int64_t>(done + i), ballast);
    }
    client.enqueue_all(no_op, calls);
    plan.progress("bulk", done, plan.jobs);
  }
  return per_second(plan.jobs, runtime.steady_now() - begin);
}

double drain_rate(const std::shared_ptr<Storage>& storage, const Plan& plan,
                  const std::function<void(std::size_t done)>& sample) {
  Runtime& runtime = *storage->runtime();
  const std::size_t before = stored_as_succeeded(*storage);
  const auto all_have_run = runtime.make_event();
  std::atomic<std::size_t> runs{0};
  Handlers handlers;
  handlers.on(no_op, [&](std::int64_t, const std::string&) {
    if (++runs == plan.jobs) all_have_run->set();
  });
  Server server{storage, handlers, {.workers = plan.workers, .log = plan.log}};
  Patience patience{runtime};
  const SteadyPoint begin = runtime.steady_now();
  server.start();
  const milliseconds look_interval{sample ? 10 : 100};
  while (!all_have_run->wait_until(runtime.steady_now() + look_interval, {})) {
    patience.look(runs);
    plan.progress("drain", runs, plan.jobs);
    if (sample) sample(runs);
  }
  // The last of them have run; now they are being stored.
  wait_until_stored(*storage, before + plan.jobs);
  const auto took = runtime.steady_now() - begin;
  server.stop();
  return per_second(plan.jobs, took);
}

}  // namespace portfire::bench
