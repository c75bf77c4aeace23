#pragma once

// Which executions are running just now, one place per worker, open to the threads that steer them.

#include <deque>
#include <mutex>

#include "server/running_job.hpp"

namespace portfire::server {

// Threads: any.
class ActiveJobs {
  struct Place {
    std::mutex mutex;
    RunningJob* job = nullptr;  // guarded by mutex
  };

 public:
  explicit ActiveJobs(std::size_t workers) : places_(workers) {}

  // Shows the job in the worker's place for the life of the guard.
  class Guard {
   public:
    Guard(ActiveJobs& jobs, std::size_t worker, RunningJob& job) : place_{jobs.places_[worker]} {
      const std::lock_guard lock{place_.mutex};
      place_.job = &job;
    }
    ~Guard() {
      const std::lock_guard lock{place_.mutex};
      place_.job = nullptr;
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Place& place_;
  };

  // Calls `visit(RunningJob&)` for each; the job stays alive during its call.
  template <class Visit>
  void for_each(Visit visit) {
    for (Place& place : places_) {
      const std::lock_guard lock{place.mutex};
      if (place.job != nullptr) visit(*place.job);
    }
  }

 private:
  std::deque<Place> places_;
};

}  // namespace portfire::server
