#pragma once

// Stores what running jobs say about themselves, so that people see it while they run.

#include <portfire/background_process.hpp>

#include "server/active_jobs.hpp"

namespace portfire::server {

class Reporter final : public BackgroundProcess {
 public:
  explicit Reporter(ActiveJobs& active) : active_{active} {}

  [[nodiscard]] std::string_view name() const override { return "reporter"; }

  Duration run_once(ProcessContext& context) override {
    constexpr std::chrono::seconds interval{1};
    const SteadyPoint now = context.runtime.steady_now();
    std::vector<Report> reports;
    active_.for_each([&](RunningJob& job) {
      // The true start of short jobs travels with their completion instead.
      const bool long_running = now - job.started_at() >= interval;
      if (auto report = job.take_report(long_running)) reports.push_back(std::move(*report));
    });
    if (!reports.empty()) context.storage.jobs().report(reports);
    return interval;
  }

 private:
  ActiveJobs& active_;
};

}  // namespace portfire::server
