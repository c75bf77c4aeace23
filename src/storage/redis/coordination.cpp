#include "storage/redis/coordination.hpp"

#include <algorithm>
#include <set>

#include "embedded_lua.hpp"
#include "storage/common/requests.hpp"
#include "storage/redis/call.hpp"
#include "storage/redis/packed.hpp"
#include "storage/redis/recurring.hpp"

namespace portfire::redis {

void RedisCoordination::announce(const ServerInfo& server) {
  Call call{settings_, scripts::announce};
  call.id(server.id).add(server.name).add(server.host).add(server.lock);
  call.number(server.lease.count()).number(std::uint64_t{server.workers});
  call.add(server.version);
  call.number(std::uint64_t{server.queues.size()});
  for (const std::string& queue : server.queues) call.add(queue);
  for (const std::string& name : server.job_names) call.add(name);
  gateway_.run(call.script_call());
}

HeartbeatResult RedisCoordination::heartbeat(ServerId server) {
  Call call{settings_, scripts::heartbeat};
  // Or servers would fence themselves for want of a replica.
  call.needs_no_replica().id(server);
  const Reply answer = gateway_.run(call.script_call(), Lane::heartbeat);
  const std::vector<Reply>& values = answer.as_array();
  HeartbeatResult result;
  result.known = values.at(0).as_integer() == 1;
  result.stop_requested = values.at(1).as_integer() == 1;
  for (std::size_t at = 2; at + 4 < values.size(); at += 5) {
    result.servers.push_back({.id = id_in<ServerId>(values[at].as_text()),
                              .number = static_cast<std::uint64_t>(values[at + 1].as_integer()),
                              .host = values[at + 2].as_text(),
                              .lock = values[at + 3].as_text(),
                              .lease = Duration{values[at + 4].as_integer()}});
  }
  std::ranges::sort(result.servers, {}, &ServerBeat::id);
  return result;
}

void RedisCoordination::remove(ServerId server) {
  Call call{settings_, scripts::remove_server};
  call.id(server);
  gateway_.run(call.script_call());
}

bool RedisCoordination::ask_to_stop(ServerId server) {
  Call call{settings_, scripts::ask_to_stop};
  call.id(server);
  return gateway_.run(call.script_call()).as_integer() == 1;
}

std::uint64_t RedisCoordination::lock(std::string_view what, const std::string& name,
                                      const std::string& who, Duration lease) {
  Call call{settings_, scripts::lock};
  call.add(what).add(name).add(who).number(lease.count());
  return static_cast<std::uint64_t>(gateway_.run(call.script_call()).as_integer());
}

std::optional<LockGrant> RedisCoordination::acquire_lock(const std::string& name,
                                                         const std::string& owner, Duration lease) {
  check_lock_name(name);
  const std::uint64_t fence = lock("acquire", name, owner, lease);
  if (fence == 0) return std::nullopt;
  return LockGrant{.name = name, .owner = owner, .fence = fence};
}

bool RedisCoordination::renew_lock(const LockGrant& grant, Duration lease) {
  return lock("renew", grant.name, std::to_string(grant.fence), lease) != 0;
}

void RedisCoordination::release_lock(const LockGrant& grant) {
  lock("release", grant.name, std::to_string(grant.fence), Duration::zero());
}

std::vector<QueueSettings> RedisCoordination::queue_settings() {
  Call call{settings_, scripts::overview};
  call.reads().add("settings");
  const Reply answer = gateway_.run(call.script_call());
  const std::vector<Reply>& values = answer.as_array();
  std::vector<QueueSettings> all;
  for (std::size_t at = 0; at + 1 < values.size(); at += 2) {
    all.push_back(read_queue_settings(values[at].as_text(), values[at + 1].as_text()));
  }
  std::ranges::sort(all, {}, &QueueSettings::name);
  return all;
}

bool RedisCoordination::set_queue(const QueueSettings& settings) {
  Call call{settings_, scripts::set_queue};
  call.forbid_repetition();  // it would take its own change for somebody else's
  call.add(settings.name).number(settings.version).add(settings.paused ? "1" : "0");
  call.add(settings.paused_by).add(settings.pause_reason);
  return gateway_.run(call.script_call()).as_integer() == 1;
}

namespace {

// Behind the clock and the next due time.
std::vector<RecurringRecord> templates_in(const Reply& answer) {
  const std::vector<Reply>& values = answer.as_array();
  std::vector<RecurringRecord> all;
  for (std::size_t at = 2; at + 1 < values.size(); at += 2) {
    all.push_back(read_template(values[at].as_text(), values[at + 1].as_text()));
  }
  return all;
}

}  // namespace

RecurringDue RedisCoordination::due_recurring(const RecurringRequest& request) {
  const std::set<std::string_view> names{request.job_names.begin(), request.job_names.end()};
  Call call{settings_, scripts::recurring};
  call.reads().add("due").number(std::uint64_t{request.max});
  for (const std::string_view name : names) call.add(name);
  const Reply answer = gateway_.run(call.script_call());
  RecurringDue due{.now = TimePoint{Duration{answer.as_array().at(0).as_integer()}},
                   .records = templates_in(answer)};
  const std::int64_t next_due_in = answer.as_array().at(1).as_integer();
  if (next_due_in >= 0) due.next_due_in = Duration{next_due_in};
  return due;
}

std::optional<RecurringRecord> RedisCoordination::recurring(const std::string& id) {
  Call call{settings_, scripts::recurring};
  call.reads().add("one").add(id);
  std::vector<RecurringRecord> found = templates_in(gateway_.run(call.script_call()));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<RecurringRecord> RedisCoordination::list_recurring(const RecurringQuery& query) {
  Call call{settings_, scripts::recurring};
  call.reads().add("page").add(query.after).number(std::uint64_t{query.limit});
  return templates_in(gateway_.run(call.script_call()));
}

QueueSettings read_queue_settings(const std::string& name, std::string_view packed) {
  PackedReader bytes{packed};
  QueueSettings settings{.name = name};
  settings.paused = bytes.number(1) == 1;
  settings.version = bytes.number(7);
  settings.paused_by = bytes.text(4);
  settings.pause_reason = bytes.text(4);
  return settings;
}

}  // namespace portfire::redis
