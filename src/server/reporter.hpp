#pragma once

// Passes on what running jobs say about themselves, so that people see it while they run.

#include <portfire/background_process.hpp>

#include "server/active_jobs.hpp"
#include "server/finisher.hpp"

namespace portfire::server {

class Reporter final : public BackgroundProcess {
 public:
  Reporter(ActiveJobs& active, Finisher& finisher) : active_{active}, finisher_{finisher} {}

  [[nodiscard]] std::string_view name() const override { return "reporter"; }

  Duration run_once(ProcessContext& context) override {
    constexpr std::chrono::seconds interval{1};
    const SteadyPoint now = context.runtime.steady_now();
    // Handed over while the job cannot end: so its news never arrive after its end.
    active_.for_each([&](RunningJob& job) {
      // The true start of short jobs travels with their completion instead.
      const bool long_running = now - job.started_at() >= interval;
      if (auto report = job.take_report(long_running)) finisher_.add(std::move(*report));
    });
    return interval;
  }

 private:
  ActiveJobs& active_;
  Finisher& finisher_;
};

}  // namespace portfire::server
