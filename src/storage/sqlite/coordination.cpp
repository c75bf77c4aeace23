#include "storage/sqlite/coordination.hpp"

#include "storage/common/audit_texts.hpp"
#include "storage/common/requests.hpp"
#include "storage/sqlite/audit.hpp"
#include "storage/sqlite/claim.hpp"
#include "storage/sqlite/job_row.hpp"
#include "storage/sqlite/recurring.hpp"
#include "storage/sqlite/words.hpp"

namespace portfire::sqlite {

namespace {

// What a heartbeat answers.
HeartbeatResult all_beats(Database& database, ServerId asking) {
  HeartbeatResult result;
  Rows rows = database.rows(Query::beats);
  while (rows.next()) {
    result.servers.push_back({.id = rows.id<ServerId>(0),
                              .number = rows.number<std::uint64_t>(1),
                              .host = std::string{rows.text(2)},
                              .lock = std::string{rows.text(3)},
                              .lease = Duration{rows.number(4)}});
    if (result.servers.back().id == asking) result.stop_requested = rows.number(5) != 0;
  }
  return result;
}

}  // namespace

void SqliteCoordination::announce(const ServerInfo& server) {
  const std::string queues = text_from_words(server.queues);
  const std::string job_names = text_from_words(server.job_names);
  writer_.run("announce", [&](Session& session) {
    session.database.run(Query::announce, server.id, server.lease, session.now, server.workers,
                         server.name, server.host, server.lock, queues, job_names, server.version);
    session.forget_server(server.id);
  });
}

HeartbeatResult SqliteCoordination::heartbeat(ServerId server) {
  HeartbeatResult result;
  writer_.run(
      "heartbeat",
      [&](Session& session) {
        session.database.run(Query::beat, server, session.now);
        const bool known = session.database.changes() > 0;
        result = all_beats(session.database, server);
        result.known = known;
        if (known) return;
        // Others have taken back what it held.
        if (const ServerEntry* entry = session.server(server)) {
          session.held.forget_server(entry->number);
        }
      },
      Writer::Urgency::urgent);
  return result;
}

void SqliteCoordination::remove(ServerId server) {
  writer_.run("remove", [&](Session& session) { remove_server(session, server); });
}

bool SqliteCoordination::ask_to_stop(ServerId server) {
  bool asked = false;
  writer_.run("ask to stop", [&](Session& session) {
    session.database.run(Query::ask_to_stop, server);
    asked = session.database.changes() > 0;
    if (asked) session.news.servers.push_back(server);
  });
  return asked;
}

std::optional<LockGrant> SqliteCoordination::acquire_lock(const std::string& name,
                                                          const std::string& owner,
                                                          Duration lease) {
  check_lock_name(name);
  std::optional<LockGrant> grant;
  writer_.run("acquire lock", [&](Session& session) {
    grant.reset();
    Rows rows = session.database.rows(Query::take_lock, name, owner, session.now,
                                      later(session.now, lease));
    if (rows.next()) grant = LockGrant{name, owner, rows.number<std::uint64_t>(0)};
    // To its end: a statement that returns rows has changed the table only then.
    while (rows.next()) {
    }
  });
  return grant;
}

bool SqliteCoordination::renew_lock(const LockGrant& lock, Duration lease) {
  bool held = false;
  writer_.run("renew lock", [&](Session& session) {
    session.database.run(Query::renew_lock, lock.name, lock.fence, session.now,
                         later(session.now, lease));
    held = session.database.changes() > 0;
  });
  return held;
}

void SqliteCoordination::release_lock(const LockGrant& lock) {
  writer_.run("release lock", [&](Session& session) {
    session.database.run(Query::release_lock, lock.name, lock.fence, session.now);
  });
}

std::vector<QueueSettings> SqliteCoordination::queue_settings() {
  std::vector<QueueSettings> all;
  Snapshot snapshot = readers_.look("queue settings");
  Rows rows = snapshot.database().rows(Query::queue_settings);
  while (rows.next()) {
    all.push_back({.name = std::string{rows.text(0)},
                   .paused = rows.number(1) != 0,
                   .paused_by = std::string{rows.text(2)},
                   .pause_reason = std::string{rows.text(3)},
                   .version = rows.number<std::uint64_t>(4)});
  }
  return all;
}

bool SqliteCoordination::set_queue(const QueueSettings& settings) {
  bool changed = false;
  writer_.run("set queue", [&](Session& session) {
    session.database.run(Query::set_queue, settings.name, settings.paused, settings.paused_by,
                         settings.pause_reason, settings.version);
    changed = session.database.changes() > 0;
    if (!changed) return;
    session.forget_queue_settings();
    session.news.queue_settings.insert(settings.name);
  });
  return changed;
}

RecurringDue SqliteCoordination::due_recurring(const RecurringRequest& request) {
  Snapshot snapshot = readers_.look("due recurring jobs");
  const TimePoint now{Duration{writer_.clock().now()}};
  return sqlite::due_recurring(snapshot.database(), request, now);
}

std::optional<RecurringRecord> SqliteCoordination::recurring(const std::string& id) {
  return find_recurring(readers_.look("recurring job").database(), id);
}

std::vector<RecurringRecord> SqliteCoordination::list_recurring(const RecurringQuery& query) {
  return sqlite::list_recurring(readers_.look("recurring jobs").database(), query);
}

std::uint64_t SqliteCoordination::record(const AuditEntry& entry) {
  const AuditEntry kept = with_clipped_texts(entry);
  std::uint64_t number = 0;
  writer_.run("record", [&](Session& session) { number = sqlite::record(session, kept); });
  return number;
}

void SqliteCoordination::conclude(std::uint64_t number, const std::string& outcome) {
  writer_.run("conclude", [&](Session& session) {
    sqlite::conclude(session, number, clipped_outcome(outcome));
  });
}

}  // namespace portfire::sqlite
