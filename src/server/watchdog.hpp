#pragma once

// Fires stop tokens on time: of jobs that have used up theirs, and of all when the lease is about
// to end. Asks nobody, so that a storage that hangs cannot hold it up.

#include <algorithm>

#include <portfire/background_process.hpp>

#include "server/active_jobs.hpp"
#include "server/lease.hpp"

namespace portfire::server {

class Watchdog final : public BackgroundProcess {
 public:
  Watchdog(ActiveJobs& active, const Lease& lease) : active_{active}, lease_{lease} {}

  [[nodiscard]] std::string_view name() const override { return "watchdog"; }

  Duration run_once(ProcessContext& context) override {
    // Bounds how late a timeout fires that began after this step.
    constexpr Duration granularity = std::chrono::milliseconds{50};
    const SteadyPoint now = context.runtime.steady_now();
    const bool lost = now >= lease_.trips_at();
    Duration next = granularity;
    active_.for_each([&](RunningJob& job) {
      if (lost) job.trip(StopReason::lease_lost);
      if (job.timeout() == Duration::zero()) return;
      const auto left = std::chrono::ceil<Duration>(job.started_at() + job.timeout() - now);
      if (left <= Duration::zero()) {
        job.trip(StopReason::timeout);
      } else {
        next = std::min(next, left);
      }
    });
    return next;
  }

 private:
  ActiveJobs& active_;
  const Lease& lease_;
};

}  // namespace portfire::server
