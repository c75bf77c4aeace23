#pragma once

// Tells executions to stop whose job was deleted, requeued or taken away meanwhile.

#include <portfire/background_process.hpp>

#include "server/active_jobs.hpp"
#include "server/dispatcher.hpp"

namespace portfire::server {

class CancellationWatcher final : public BackgroundProcess {
 public:
  CancellationWatcher(ActiveJobs& active, Dispatcher& dispatcher, Duration interval)
      : active_{active}, dispatcher_{dispatcher}, interval_{interval} {}

  [[nodiscard]] std::string_view name() const override { return "cancellation"; }
  [[nodiscard]] std::vector<std::string> topics(ServerId server) const override {
    return {topics::server(server)};
  }
  Duration run_once(ProcessContext& context) override;

 private:
  ActiveJobs& active_;
  Dispatcher& dispatcher_;
  const Duration interval_;
};

}  // namespace portfire::server
