#pragma once

// Finds dead servers and takes their jobs back.

#include <functional>
#include <string>
#include <vector>

#include <portfire/background_process.hpp>

#include "server/server_watch.hpp"

namespace portfire::server {

class Reclaimer final : public BackgroundProcess {
 public:
  // `host`: this machine; servers on it are known dead at once, by their liveness files. `poisoned`
  // receives the executions that have crashed too many servers.
  Reclaimer(Duration interval, std::uint32_t crash_limit, std::string host,
            std::function<void(std::vector<Execution>)> poisoned);

  [[nodiscard]] std::string_view name() const override { return "reclaimer"; }
  Duration run_once(ProcessContext& context) override;

 private:
  const Duration interval_;
  const std::uint32_t crash_limit_;
  const std::string host_;
  const std::function<void(std::vector<Execution>)> poisoned_;
  ServerWatch watch_;
};

}  // namespace portfire::server
