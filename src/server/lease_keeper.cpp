#include "server/lease_keeper.hpp"

#include <portfire/error.hpp>

namespace portfire::server {

LeaseKeeper::LeaseKeeper(const Identity& identity, Lease& lease, Reactions reactions,
                         const LogSink& log)
    : identity_{identity},
      lease_{lease},
      reactions_{std::move(reactions)},
      trouble_{log, "the heartbeat"} {}

Duration LeaseKeeper::run_once(ProcessContext& context) {
  const Duration interval = lease_.length() / 6;
  const SteadyPoint sent = context.runtime.steady_now();
  try {
    const HeartbeatResult result = context.storage.coordination().heartbeat(identity_.id());
    if (result.known) {
      lease_.renewed(sent);
      reactions_.renewed();
      if (result.stop_requested) reactions_.stop_requested();
    } else if (!context.stop.stop_requested()) {
      context.log(LogLevel::warning,
                  "the lease was lost: others have taken this server's jobs; it rejoins");
      reactions_.lost();
      lease_.renewed(sent);
      reactions_.renewed();
    }
    const bool recovered = trouble_.present();
    trouble_.succeeded(context.runtime.steady_now());
    if (recovered) reactions_.recovered();
  } catch (const StorageError& error) {
    // Tried again at the usual pace: a longer back-off would cost the lease.
    trouble_.failed(error.what(), context.runtime.steady_now());
  }
  return interval;
}

}  // namespace portfire::server
