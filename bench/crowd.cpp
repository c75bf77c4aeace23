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
  Crowd(Runtime& runtime, std::size_t jobs)
      : runtime_{runtime}, jobs_{jobs}, deadline_{runtime.steady_now() + std::chrono::seconds{5}} {}

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

}  // namespace

double crowd_rate(Runtime& runtime, std::size_t jobs,
                  const std::vector<std::function<void(std::size_t number)>>& workers) {
  const SteadyPoint begin = runtime.steady_now();
  Crowd crowd{runtime, jobs};
  std::vector<std::unique_ptr<Task>> tasks;
  for (const auto& act : workers) {
    tasks.push_back(runtime.spawn("bench-crowd", [&] { crowd.work(act); }));
  }
  for (const auto& task : tasks) task->join();
  return per_second(crowd.done(), runtime.steady_now() - begin);
}

}  // namespace portfire::bench
