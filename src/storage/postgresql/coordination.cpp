#include "storage/postgresql/coordination.hpp"

#include <algorithm>
#include <chrono>

#include "storage/common/requests.hpp"
#include "storage/postgresql/recurring.hpp"

namespace portfire::postgresql {

namespace {

// A shorter one would take a busy server for a dead one.
constexpr std::chrono::milliseconds least_silence{500};

// What a heartbeat answers.
HeartbeatResult all_beats(Connection& connection, ServerId asking) {
  HeartbeatResult result;
  Result rows = connection.run(Query::beats);
  while (rows.next()) {
    result.servers.push_back({.id = rows.id<ServerId>(0),
                              .number = rows.number<std::uint64_t>(1),
                              .host = rows.string(2),
                              .lock = rows.string(3),
                              .lease = rows.span(4)});
    if (result.servers.back().id == asking) result.stop_requested = rows.flag(5);
  }
  return result;
}

}  // namespace

void PostgresqlCoordination::announce(const ServerInfo& server) {
  // One that is not answered in time leaves room for another within the same lease.
  heartbeats_.limit_silence(std::max<Duration>(server.lease / 2, least_silence));
  pool_.with("announce", [&](Connection& connection) {
    Result rows = connection.run(Query::announce, shift(), server.id, server.lease, server.workers,
                                 server.name, server.host, server.lock, server.queues,
                                 server.job_names, server.version);
    // One that was there goes on with its tokens.
    if (rows.next() && rows.flag(0)) claims_.forget(server.id);
  });
}

HeartbeatResult PostgresqlCoordination::heartbeat(ServerId server) {
  return heartbeats_.with("heartbeat", [&](Connection& connection) {
    const bool known = connection.run(Query::beat, shift(), server).changes() > 0;
    HeartbeatResult result = all_beats(connection, server);
    result.known = known;
    return result;
  });
}

void PostgresqlCoordination::remove(ServerId server) {
  pool_.with("remove", [&](Connection& connection) {
    connection.run(Query::remove_server, shift(), server);
  });
  claims_.forget(server);
}

bool PostgresqlCoordination::ask_to_stop(ServerId server) {
  return pool_.with("ask to stop", [&](Connection& connection) {
    return connection.run(Query::ask_to_stop, server).rows() > 0;
  });
}

std::optional<LockGrant> PostgresqlCoordination::acquire_lock(const std::string& name,
                                                              const std::string& owner,
                                                              Duration lease) {
  check_lock_name(name);
  return pool_.with("acquire lock", [&](Connection& connection) {
    std::optional<LockGrant> grant;
    Result rows = connection.run(Query::take_lock, shift(), name, owner, lease);
    if (rows.next()) grant = LockGrant{name, owner, rows.number<std::uint64_t>(0)};
    return grant;
  });
}

bool PostgresqlCoordination::renew_lock(const LockGrant& lock, Duration lease) {
  return pool_.with("renew lock", [&](Connection& connection) {
    return connection.run(Query::renew_lock, shift(), lock.name, lock.fence, lease).changes() > 0;
  });
}

void PostgresqlCoordination::release_lock(const LockGrant& lock) {
  pool_.with("release lock", [&](Connection& connection) {
    connection.run(Query::release_lock, shift(), lock.name, lock.fence);
  });
}

std::vector<QueueSettings> PostgresqlCoordination::queue_settings() {
  return pool_.with("queue settings", [&](Connection& connection) {
    std::vector<QueueSettings> all;
    Result rows = connection.run(Query::queue_settings);
    while (rows.next()) {
      all.push_back({.name = rows.string(0),
                     .paused = rows.flag(1),
                     .paused_by = rows.string(2),
                     .pause_reason = rows.string(3),
                     .version = rows.number<std::uint64_t>(4)});
    }
    return all;
  });
}

bool PostgresqlCoordination::set_queue(const QueueSettings& settings) {
  // Not again after a lost connection: it would take its own change for somebody else's.
  return pool_.with(
      "set queue",
      [&](Connection& connection) {
        Result rows = connection.run(Query::set_queue, settings.name, settings.paused,
                                     settings.paused_by, settings.pause_reason, settings.version);
        return rows.rows() > 0;
      },
      Again::no);
}

RecurringDue PostgresqlCoordination::due_recurring(const RecurringRequest& request) {
  return pool_.with("due recurring jobs", [&](Connection& connection) {
    return postgresql::due_recurring(connection, request);
  });
}

std::optional<RecurringRecord> PostgresqlCoordination::recurring(const std::string& id) {
  return pool_.with("recurring job",
                    [&](Connection& connection) { return find_recurring(connection, id); });
}

std::vector<RecurringRecord> PostgresqlCoordination::list_recurring(const RecurringQuery& query) {
  return pool_.with("recurring jobs", [&](Connection& connection) {
    return postgresql::list_recurring(connection, query);
  });
}

}  // namespace portfire::postgresql
