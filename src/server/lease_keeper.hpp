#pragma once

// Renews this server's lease, and rejoins under a new id when it was lost.

#include <functional>

#include <portfire/background_process.hpp>

#include "server/identity.hpp"
#include "server/lease.hpp"
#include "server/trouble.hpp"

namespace portfire::server {

class LeaseKeeper final : public BackgroundProcess {
 public:
  // `renewed`: the lease runs again. `recovered`: and before that the storage could not be reached.
  // `lost`: the storage does not know this server any more; announces a new one and assumes its id.
  // `stop_requested`: somebody wants this server to stop; called at each heartbeat from then on.
  struct Reactions {
    std::function<void()> renewed;
    std::function<void()> recovered;
    std::function<void()> lost;
    std::function<void()> stop_requested;
  };

  LeaseKeeper(const Identity& identity, Lease& lease, Reactions reactions, const LogSink& log);

  [[nodiscard]] std::string_view name() const override { return "lease keeper"; }
  // The wish that it should stop is told there.
  [[nodiscard]] std::vector<std::string> topics(ServerId server) const override {
    return {topics::server(server)};
  }
  Duration run_once(ProcessContext& context) override;

 private:
  const Identity& identity_;
  Lease& lease_;
  const Reactions reactions_;
  Trouble trouble_;
};

}  // namespace portfire::server
