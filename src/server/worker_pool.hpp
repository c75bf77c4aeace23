#pragma once

// The workers: each takes a job, performs it, hands its end to the finisher, and again.

#include <memory>
#include <vector>

#include "server/dispatcher.hpp"
#include "server/fetcher.hpp"
#include "server/finisher.hpp"
#include "server/performer.hpp"

namespace portfire::server {

class WorkerPool {
 public:
  WorkerPool(Runtime& runtime, Dispatcher& dispatcher, const Performer& performer,
             Finisher& finisher, const CrashWatch& crash_watch, MeanTime& job_time,
             std::size_t workers);
  ~WorkerPool();

  void start();

  // Waits until no worker runs a job, at most until `deadline`. Returns whether that is so.
  bool wait_idle(SteadyPoint deadline);

  // Closes the dispatcher and waits for all workers, handlers included.
  void stop();

 private:
  void loop(std::size_t worker);

  Runtime& runtime_;
  Dispatcher& dispatcher_;
  const Performer& performer_;
  Finisher& finisher_;
  const CrashWatch& crash_watch_;
  MeanTime& job_time_;
  const std::size_t workers_;
  const std::unique_ptr<Event> idle_;
  std::vector<std::unique_ptr<Task>> tasks_;
};

}  // namespace portfire::server
