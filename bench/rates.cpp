#include "bench/rates.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <tuple>
#include <vector>

#include <portfire/client.hpp>
#include <portfire/handlers.hpp>
#include <portfire/server.hpp>

#include "bench/counting.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Threads that all create jobs until there are enough of them or the time is up.
class Crowd {
 public:
  Crowd(Client& client, Runtime& runtime, const Plan& plan)
      : client_{client},
        runtime_{runtime},
        plan_{plan},
        deadline_{runtime.steady_now() + seconds{5}} {}

  void work() {
    try {
      for (std::size_t number = next_++; number < plan_.jobs; number = next_++) {
        client_.enqueue(no_op, static_cast<std::int64_t>(number), ballast);
        ++created_;
        if (number % 1000 == 0) plan_.progress("enqueue", number, plan_.jobs);
        if (runtime_.steady_now() >= deadline_) return;
      }
    } catch (...) {
      const std::lock_guard lock{mutex_};
      error_ = std::current_exception();
    }
  }

  std::size_t created() const {
    if (error_) std::rethrow_exception(error_);
    return created_;
  }

 private:
  Client& client_;
  Runtime& runtime_;
  const Plan& plan_;
  const SteadyPoint deadline_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> created_{0};
  std::mutex mutex_;
  std::exception_ptr error_;
};

}  // namespace

double enqueue_rate(const std::shared_ptr<Storage>& storage, std::size_t threads,
                    const Plan& plan) {
  Client client{storage, {.log = plan.log}};
  Runtime& runtime = *storage->runtime();
  const SteadyPoint begin = runtime.steady_now();
  Crowd crowd{client, runtime, plan};
  std::vector<std::unique_ptr<Task>> tasks;
  for (std::size_t i = 0; i < threads; ++i) {
    tasks.push_back(runtime.spawn("bench-enqueue", [&] { crowd.work(); }));
  }
  for (const auto& task : tasks) task->join();
  return per_second(crowd.created(), runtime.steady_now() - begin);
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
