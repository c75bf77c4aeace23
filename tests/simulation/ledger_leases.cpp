// The part of the ledger that knows servers and their leases.

#include <algorithm>

#include "simulation/ledger.hpp"
#include "simulation/process.hpp"

namespace portfire::simulation {

void Ledger::released(std::span<const Released> executions, const ReleaseResult& result) {
  for (const Released& each : executions) {
    const bool is_busy = std::ranges::any_of(
        result.busy, [&](const Released& busy) { return busy.execution == each.execution; });
    JobEntry* job = find(each.execution.job, "release");
    if (job == nullptr || is_busy) continue;
    if (!job->holder || job->holder->epoch != each.execution.epoch) continue;
    if (!job->limit.key.empty()) --held_of_limit_[job->limit.key];
    job->holder.reset();
    job->kind = StateKind::ready;
  }
}

// Whatever the server held is held by nobody now.
void Ledger::lose(ServerId server) {
  for (auto& [id, job] : jobs_) {
    if (!job.holder || job.holder->server != server) continue;
    if (!job.limit.key.empty()) --held_of_limit_[job.limit.key];
    job.holder.reset();
    job.kind = StateKind::ready;
  }
  servers_[server].gone = true;
}

// When the judgement was made, that is when the numbers were read: what is on its way since then,
// nobody can know of.
void Ledger::check_silence(const ServerEntry& server) {
  if (server.gone || server.beats.empty()) return;
  const SteadyPoint looked_at = last_look_[scheduler_.current()];
  const auto next = std::ranges::upper_bound(server.beats, looked_at);
  if (next == server.beats.begin()) return violation("an unknown server was taken for dead");
  const auto silent = std::chrono::floor<Duration>(looked_at - *std::prev(next));
  if (silent >= server.lease) return check_outages(server, *std::prev(next), looked_at);
  violation("a server of " + server.process->name() + " with a lease of " +
            portfire::to_string(server.lease) + " was taken for dead " +
            portfire::to_string(silent) + " after a heartbeat");
}

// A server that could not be heard is not dead. Watchers notice outages of more than a third of
// their own lease, of which a second and a half is the longest here.
void Ledger::check_outages(const ServerEntry& server, SteadyPoint heard_at, SteadyPoint looked_at) {
  constexpr std::chrono::milliseconds noticed{550};
  for (const Outage& outage : outages_) {
    const bool matters =
        outage.end - outage.begin > noticed && outage.end > heard_at && outage.begin < looked_at;
    if (!matters || looked_at - outage.end >= server.lease) continue;
    violation("a server of " + server.process->name() + " was taken for dead during an outage");
  }
}

void Ledger::reclaimed(Process& process, const ReclaimRequest& request,
                       const ReclaimResult& result) {
  for (const ServerId server : request.servers) {
    check_silence(servers_[server]);
    lose(server);
  }
  for (const Execution& each : result.poisoned) issue(process, request.by, each, false);
}

void Ledger::promoted(Storage& truth) {
  for (auto& [id, job] : jobs_) {
    if (!job.holder || !job.batch) continue;
    const auto now = truth.monitoring().job(id);
    if (!now || now->kind == StateKind::running) continue;
    if (!job.limit.key.empty()) --held_of_limit_[job.limit.key];
    job.holder.reset();
    job.kind = now->kind;
    job.state = now->state;
  }
}

void Ledger::announced(const Process& process, const ServerInfo& info) {
  servers_[info.id] = {.process = &process, .lease = info.lease, .beats = {scheduler_.now()}};
}

void Ledger::beat(ServerId server, const HeartbeatResult& result) {
  ServerEntry& entry = servers_[server];
  if (result.known && entry.gone) violation("heartbeat: a server that is gone was brought back");
  if (!result.known && !entry.gone) violation("heartbeat: a server was forgotten");
  if (result.known) entry.beats.push_back(scheduler_.now());
  last_look_[scheduler_.current()] = scheduler_.now();
}

void Ledger::removed(ServerId server) { lose(server); }

ServerId Ledger::server_of(const Process& process) const {
  for (const auto& [id, server] : servers_) {
    if (server.process == &process && !server.gone) return id;
  }
  return {};
}

void Ledger::entered(const Process& process, JobId id, std::uint64_t epoch) {
  ++executions_;
  JobEntry* job = find(id, "handler");
  if (job == nullptr) return;
  const std::string what = name_of(id) + ", epoch " + std::to_string(epoch);
  journal_.note(process.name(), [&] { return "runs " + what; });
  const auto issued = job->issued.find(epoch);
  if (issued == job->issued.end()) {
    return violation(what + " runs, but was given to nobody");
  }
  const ServerEntry& server = servers_[issued->second];
  if (server.process != &process) {
    violation(what + " runs in another process than it was given to");
  }
  // No time passes between the look at the lease and the handler.
  if (server.gone && !process.has_stood_still()) {
    violation(what + " begins on a server that was taken for dead");
  }
  if (!job->started.insert(epoch).second) violation(what + " runs twice under the same epoch");
}

void Ledger::returned(JobId id, std::uint64_t epoch) {
  if (JobEntry* job = find(id, "handler")) job->returned.insert(epoch);
}

}  // namespace portfire::simulation
