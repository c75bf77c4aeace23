#include "storage/memory/verbs.hpp"

#include "storage/common/requests.hpp"
#include "storage/memory/moves.hpp"

namespace portfire::memory {
namespace {

// The lock, while it is held under that fence.
Lock* find_lock(Call& call, const LockGrant& grant) {
  const auto found = call.data.locks.find(grant.name);
  if (found == call.data.locks.end()) return nullptr;
  Lock& lock = found->second;
  return lock.fence == grant.fence && call.now < lock.until ? &lock : nullptr;
}

}  // namespace

void announce(Call& call, const ServerInfo& info) {
  const auto [place, is_new] = call.data.servers.try_emplace(info.id);
  Server& server = place->second;
  if (is_new) {
    server.beats = 1;
    server.joined = ++call.data.servers_joined;
    server.started_at = call.now;
  }
  server.info = info;
  server.handlers = {info.job_names.begin(), info.job_names.end()};
  server.heartbeat_at = call.now;
  server.stop_requested = false;
}

HeartbeatResult heartbeat(Call& call, ServerId id) {
  HeartbeatResult result;
  if (Server* server = call.data.server(id)) {
    ++server->beats;
    server->heartbeat_at = call.now;
    result.known = true;
    result.stop_requested = server->stop_requested;
  }
  for (const auto& [server_id, server] : call.data.servers) {
    result.servers.push_back({.id = server_id,
                              .number = server.beats,
                              .host = server.info.host,
                              .lock = server.info.lock,
                              .lease = server.info.lease});
  }
  return result;
}

bool ask_to_stop(Call& call, ServerId id) {
  Server* server = call.data.server(id);
  if (server == nullptr) return false;
  server->stop_requested = true;
  call.news.server(id);
  return true;
}

std::optional<LockGrant> acquire_lock(Call& call, const std::string& name, const std::string& owner,
                                      Duration lease) {
  check_lock_name(name);
  // Never forgotten: the fence of a name must go on growing.
  Lock& lock = call.data.locks[name];
  const bool held = call.now < lock.until;
  if (held && lock.owner != owner) return std::nullopt;
  if (!held) ++lock.fence;
  lock.owner = owner;
  lock.until = later(call.now, lease);
  return LockGrant{.name = name, .owner = owner, .fence = lock.fence};
}

bool renew_lock(Call& call, const LockGrant& grant, Duration lease) {
  Lock* lock = find_lock(call, grant);
  if (lock == nullptr) return false;
  lock->until = later(call.now, lease);
  return true;
}

void release_lock(Call& call, const LockGrant& grant) {
  if (Lock* lock = find_lock(call, grant)) lock->until = call.now;
}

std::vector<QueueSettings> queue_settings(const Data& data) {
  std::vector<QueueSettings> all;
  for (const auto& [name, queue] : data.queues) {
    if (queue.settings.version > 0) all.push_back(queue.settings);
  }
  return all;
}

bool set_queue(Call& call, const QueueSettings& settings) {
  Queue& queue = call.data.queue(settings.name);
  if (queue.settings.version != settings.version) return false;
  queue.settings = settings;
  ++queue.settings.version;
  call.news.queue(queue);
  call.news.settings();
  return true;
}

}  // namespace portfire::memory
