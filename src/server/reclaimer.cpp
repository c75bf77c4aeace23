#include "server/reclaimer.hpp"

#include <algorithm>

#include "server/held_execution.hpp"
#include "server/liveness.hpp"

namespace portfire::server {

Reclaimer::Reclaimer(Duration interval, std::uint32_t crash_limit, std::string host,
                     std::function<void(std::vector<Execution>)> poisoned,
                     std::unique_ptr<CrashReports> crash_reports)
    : interval_{interval},
      crash_limit_{crash_limit},
      host_{std::move(host)},
      poisoned_{std::move(poisoned)},
      crash_reports_{std::move(crash_reports)},
      watch_{2 * interval} {}

Duration Reclaimer::run_once(ProcessContext& context) {
  // A heartbeat is also the read that shows everybody's.
  const SteadyPoint asked_at = context.runtime.steady_now();
  const HeartbeatResult beats = context.storage.coordination().heartbeat(context.server);
  const SteadyPoint now = context.runtime.steady_now();
  if (!beats.known) return interval_;
  if (unsure_) look_for_poison(context);
  std::vector<ServerId> exited;
  std::vector<ServerId> dead = watch_.observe(beats.servers, context.server, asked_at, now);
  for (const ServerBeat& server : beats.servers) {
    if (server.id == context.server || host_.empty() || server.host != host_) continue;
    if (!owner_is_dead(server.lock)) continue;
    exited.push_back(server.id);
    if (std::find(dead.begin(), dead.end(), server.id) == dead.end()) dead.push_back(server.id);
  }
  const auto pause = read_crash_reports(context, exited, dead);
  if (!dead.empty()) reclaim(context, dead);
  for (const ServerBeat& server : beats.servers) {
    const bool was_dead = std::find(dead.begin(), dead.end(), server.id) != dead.end();
    if (was_dead && server.host == host_) remove_liveness_file(server.lock);
  }
  if (pause) return std::min(*pause, interval_);
  const auto expiry = watch_.next_expiry();
  if (!expiry) return interval_;
  const auto until = std::chrono::ceil<Duration>(*expiry - now);
  return std::clamp<Duration>(until, std::chrono::milliseconds{10}, interval_);
}

// After it is known who is dead, and before anything is done about it, so that no record comes too
// late. A server whose record could not be stored is not dead yet; nor is a process that has gone
// but whose record is still there: it is just going, or another server deals with it. Returns how
// soon to look again, if there is one.
std::optional<Duration> Reclaimer::read_crash_reports(ProcessContext& context,
                                                      const std::vector<ServerId>& exited,
                                                      std::vector<ServerId>& dead) {
  if (crash_reports_ == nullptr) return std::nullopt;
  const std::vector<ServerId>& unsettled = crash_reports_->settle(context);
  const auto is_among = [](ServerId id, const std::vector<ServerId>& servers) {
    return std::find(servers.begin(), servers.end(), id) != servers.end();
  };
  const std::size_t waiting = std::erase_if(dead, [&](ServerId id) {
    return is_among(id, unsettled) || (is_among(id, exited) && crash_reports_->has_record(id));
  });
  if (waiting == 0) return std::nullopt;
  return std::chrono::milliseconds{unsettled.empty() ? 20 : 500};
}

void Reclaimer::reclaim(ProcessContext& context, const std::vector<ServerId>& dead) {
  unsure_ = true;
  ReclaimResult result = context.storage.jobs().reclaim(
      {.servers = dead, .by = context.server, .crash_limit = crash_limit_});
  unsure_ = false;
  context.log(LogLevel::warning, std::to_string(dead.size()) + " dead server(s) removed, " +
                                     std::to_string(result.requeued) + " of their jobs requeued");
  if (!result.poisoned.empty()) poisoned_(std::move(result.poisoned));
}

// The dead servers are gone, so asking again would not bring the poison. But this server holds it.
void Reclaimer::look_for_poison(ProcessContext& context) {
  std::vector<Execution> poisoned;
  for (const ExecutionRef& ref : context.storage.jobs().held(context.server)) {
    const auto job = context.storage.monitoring().job(ref.job);
    const bool held = job && job->epoch == ref.epoch;
    if (!held || crash_limit_ == 0 || job->crashes < crash_limit_) continue;
    poisoned.push_back(held_execution(*job));
  }
  unsure_ = false;
  if (!poisoned.empty()) poisoned_(std::move(poisoned));
}

}  // namespace portfire::server
