#pragma once

// Gives back jobs at hand that have not begun when their queue is paused.

#include <algorithm>
#include <set>

#include <portfire/background_process.hpp>

#include "server/dispatcher.hpp"

namespace portfire::server {

class PauseWatcher final : public BackgroundProcess {
 public:
  PauseWatcher(Dispatcher& dispatcher, Duration interval)
      : dispatcher_{dispatcher}, interval_{interval} {}

  [[nodiscard]] std::string_view name() const override { return "pause watcher"; }
  [[nodiscard]] std::vector<std::string> topics(ServerId) const override {
    return {topics::settings()};
  }

  Duration run_once(ProcessContext& context) override {
    std::set<std::string, std::less<>> paused;
    for (const QueueSettings& queue : context.storage.coordination().queue_settings()) {
      if (queue.paused) paused.insert(queue.name);
    }
    if (paused.empty()) return interval_;
    auto jobs = dispatcher_.take_if(
        [&](const Claimed& each) { return paused.contains(each.execution.queue); });
    if (jobs.empty()) return interval_;
    std::vector<Released> released;
    for (const Claimed& job : jobs) {
      released.push_back({job.execution.ref, ReleaseReason::unstarted});
    }
    // Rather run in spite of the pause than held by nobody.
    try {
      const ReleaseResult result = context.storage.jobs().release(released);
      std::erase_if(jobs, [&](const Claimed& job) { return !is_busy(job, result); });
    } catch (...) {
      dispatcher_.push(std::move(jobs));
      throw;
    }
    if (!jobs.empty()) dispatcher_.push(std::move(jobs));
    return interval_;
  }

 private:
  static bool is_busy(const Claimed& job, const ReleaseResult& result) {
    return std::ranges::any_of(
        result.busy, [&](const Released& each) { return each.execution == job.execution.ref; });
  }

  Dispatcher& dispatcher_;
  const Duration interval_;
};

}  // namespace portfire::server
