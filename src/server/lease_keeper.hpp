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
  struct Reactions {
    std::function<void()> renewed;
    std::function<void()> recovered;
    std::function<void()> lost;
  };

  LeaseKeeper(const Identity& identity, Lease& lease, Reactions reactions, const LogSink& log);

  [[nodiscard]] std::string_view name() const override { return "lease keeper"; }
  Duration run_once(ProcessContext& context) override;

 private:
  const Identity& identity_;
  Lease& lease_;
  const Reactions reactions_;
  Trouble trouble_;
};

}  // namespace portfire::server
