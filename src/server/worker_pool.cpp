#include "server/worker_pool.hpp"

#include <optional>

#include "crash/alternate_stack.hpp"

namespace portfire::server {

WorkerPool::WorkerPool(Runtime& runtime, Dispatcher& dispatcher, const Performer& performer,
                       Finisher& finisher, const CrashWatch& crash_watch, MeanTime& job_time,
                       std::size_t workers)
    : runtime_{runtime},
      dispatcher_{dispatcher},
      performer_{performer},
      finisher_{finisher},
      crash_watch_{crash_watch},
      job_time_{job_time},
      workers_{workers},
      idle_{runtime.make_event()} {}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::start() {
  for (std::size_t i = 0; i < workers_; ++i) {
    tasks_.push_back(runtime_.spawn("worker-" + std::to_string(i), [this, i] { loop(i); }));
  }
}

void WorkerPool::loop(std::size_t worker) {
  std::optional<crash::AlternateStack> stack;
  if (crash_watch_.is_recording()) stack.emplace();
  while (auto claimed = dispatcher_.next(worker)) {
    Completion completion = performer_.perform(std::move(*claimed), worker);
    if (!completion.unit.transitions.empty()) {
      job_time_.add(completion.unit.transitions.front().duration);
    }
    finisher_.add(std::move(completion));
  }
}

bool WorkerPool::wait_idle(SteadyPoint deadline) {
  dispatcher_.notify_when_idle(*idle_);
  while (!dispatcher_.all_idle() || dispatcher_.size() > 0) {
    if (runtime_.steady_now() >= deadline) return false;
    idle_->wait_until(deadline, {});
  }
  return true;
}

void WorkerPool::stop() {
  if (tasks_.empty()) return;
  dispatcher_.close();
  for (const auto& task : tasks_) task->join();
  tasks_.clear();
}

}  // namespace portfire::server
