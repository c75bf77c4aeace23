#include "server/reclaimer.hpp"

#include <algorithm>

#include "server/liveness.hpp"

namespace portfire::server {

Reclaimer::Reclaimer(Duration interval, std::uint32_t crash_limit, std::string host,
                     std::function<void(std::vector<Execution>)> poisoned)
    : interval_{interval},
      crash_limit_{crash_limit},
      host_{std::move(host)},
      poisoned_{std::move(poisoned)},
      watch_{2 * interval} {}

Duration Reclaimer::run_once(ProcessContext& context) {
  // A heartbeat is also the read that shows everybody's.
  const HeartbeatResult beats = context.storage.coordination().heartbeat(context.server);
  if (!beats.known) return interval_;
  const SteadyPoint now = context.runtime.steady_now();
  std::vector<ServerId> dead = watch_.observe(beats.servers, context.server, now);
  for (const ServerBeat& server : beats.servers) {
    if (server.id == context.server || host_.empty() || server.host != host_) continue;
    if (!owner_is_dead(server.lock)) continue;
    if (std::find(dead.begin(), dead.end(), server.id) == dead.end()) dead.push_back(server.id);
  }
  if (!dead.empty()) {
    ReclaimResult result = context.storage.jobs().reclaim(
        {.servers = dead, .by = context.server, .crash_limit = crash_limit_});
    for (const ServerBeat& server : beats.servers) {
      const bool was_dead = std::find(dead.begin(), dead.end(), server.id) != dead.end();
      if (was_dead && server.host == host_) remove_liveness_file(server.lock);
    }
    context.log(LogLevel::warning, std::to_string(dead.size()) + " dead server(s) removed, " +
                                       std::to_string(result.requeued) + " of their jobs requeued");
    if (!result.poisoned.empty()) poisoned_(std::move(result.poisoned));
  }
  const auto expiry = watch_.next_expiry();
  if (!expiry) return interval_;
  const auto until = std::chrono::ceil<Duration>(*expiry - now);
  return std::clamp<Duration>(until, std::chrono::milliseconds{10}, interval_);
}

}  // namespace portfire::server
