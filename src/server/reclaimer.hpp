#pragma once

// Finds dead servers and takes their jobs back.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <portfire/background_process.hpp>

#include "server/crash_reports.hpp"
#include "server/server_watch.hpp"

namespace portfire::server {

class Reclaimer final : public BackgroundProcess {
 public:
  // `host`: this machine; servers on it are known dead at once, by their liveness files. `poisoned`
  // receives the executions that have crashed too many servers. `crash_reports` know more of some
  // crashes, and are told first; null when there are none.
  Reclaimer(Duration interval, std::uint32_t crash_limit, std::string host,
            std::function<void(std::vector<Execution>)> poisoned,
            std::unique_ptr<CrashReports> crash_reports = nullptr);

  [[nodiscard]] std::string_view name() const override { return "reclaimer"; }
  Duration run_once(ProcessContext& context) override;

 private:
  std::optional<Duration> read_crash_reports(ProcessContext& context,
                                             const std::vector<ServerId>& exited,
                                             std::vector<ServerId>& dead);
  void reclaim(ProcessContext& context, const std::vector<ServerId>& dead);
  void look_for_poison(ProcessContext& context);

  const Duration interval_;
  const std::uint32_t crash_limit_;
  const std::string host_;
  const std::function<void(std::vector<Execution>)> poisoned_;
  const std::unique_ptr<CrashReports> crash_reports_;
  ServerWatch watch_;
  bool unsure_ = false;  // the answer to a reclaim was lost: it may have handed out poison
};

}  // namespace portfire::server
