#include "bench/crowd.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>

#include "bench/counting.hpp"

namespace portfire::bench {

namespace {

class Crowd {
 public:
  Crowd(Runtime& runtime, std::size_t jobs, SteadyPoint deadline)
      : runtime_{runtime}, jobs_{jobs}, deadline_{deadline} {}

  void work(const std::function<void(std::size_t)>& act) noexcept {
    try {
      for (std::size_t number = next_++; number < jobs_; number = next_++) {
        act(number);
        ++done_;
        if (runtime_.steady_now() >= deadline_) return;
      }
    } catch (...) {
      const std::lock_guard lock{mutex_};
      error_ = std::current_exception();
    }
  }

  // Once all have ended.
  std::size_t done() const {
    if (error_) std::rethrow_exception(error_);
    return done_;
  }

 private:
  Runtime& runtime_;
  const std::size_t jobs_;
  const SteadyPoint deadline_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> done_{0};
  std::mutex mutex_;
  std::exception_ptr error_;
};

std::size_t send(Runtime& runtime, std::size_t jobs, const Workers& workers, SteadyPoint deadline) {
  Crowd crowd{runtime, jobs, deadline};
  std::vector<std::unique_ptr<Task>> tasks;
  for (const auto& act : workers) {
    tasks.push_back(runtime.spawn("bench-crowd", [&] { crowd.work(act); }));
  }
  for (const auto& task : tasks) task->join();
  return crowd.done();
}

}  // namespace

double crowd_rate(Runtime& runtime, std::size_t jobs, const Workers& workers) {
  const SteadyPoint begin = runtime.steady_now();
  const std::size_t done = send(runtime, jobs, workers, begin + std::chrono::seconds{5});
  return per_second(done, runtime.steady_now() - begin);
}

void crowd_through(Runtime& runtime, std::size_t jobs, const Workers& workers) {
  send(runtime, jobs, workers, SteadyPoint::max());
}

}  // namespace portfire::bench
