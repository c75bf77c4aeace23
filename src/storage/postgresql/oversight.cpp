// The audit log, and how large the storage is.

#include <libpq-fe.h>

#include <algorithm>
#include <limits>
#include <string>

#include <portfire/postgresql.hpp>

#include "storage/common/audit_texts.hpp"
#include "storage/postgresql/coordination.hpp"
#include "storage/postgresql/monitoring.hpp"

namespace portfire::postgresql {

namespace {

constexpr auto largest_bigint = std::numeric_limits<std::int64_t>::max();

std::int64_t within_bigint(std::uint64_t number) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(number, largest_bigint));
}

// `15.3`, of 150003.
std::string version_text(int version) {
  constexpr int major = 10000;
  return std::to_string(version / major) + '.' + std::to_string(version % major);
}

}  // namespace

std::uint64_t PostgresqlCoordination::record(const AuditEntry& entry) {
  const AuditEntry kept = with_clipped_texts(entry);
  // Not again after a lost connection, or it might stand there twice.
  return pool_.with(
      "record",
      [&](Connection& connection) {
        Result rows = connection.run(Query::record_audit, shift(), audit_entries_kept, kept.actor,
                                     kept.action, kept.target, kept.reason, kept.outcome);
        rows.next();
        return rows.number<std::uint64_t>(0);
      },
      Again::no);
}

void PostgresqlCoordination::conclude(std::uint64_t number, const std::string& outcome) {
  pool_.with("conclude", [&](Connection& connection) {
    connection.run(Query::conclude_audit, within_bigint(number),
                   std::string{clipped_outcome(outcome)});
  });
}

std::vector<AuditEntry> PostgresqlMonitoring::audit(const AuditQuery& query) {
  return pool_.with("audit", [&](Connection& connection) {
    std::vector<AuditEntry> entries;
    const std::int64_t before = query.before == 0 ? largest_bigint : within_bigint(query.before);
    Result rows = connection.run(Query::audit_page, before, query.actor, query.action, query.target,
                                 within_bigint(query.limit));
    while (rows.next()) {
      entries.push_back({.number = rows.number<std::uint64_t>(0),
                         .at = rows.time(1),
                         .actor = rows.string(2),
                         .action = rows.string(3),
                         .target = rows.string(4),
                         .reason = rows.string(5),
                         .outcome = rows.string(6)});
    }
    return entries;
  });
}

StorageReport PostgresqlMonitoring::report() {
  return pool_.with("report", [](Connection& connection) {
    StorageReport report{
        .engine = "PostgreSQL " + version_text(PQserverVersion(connection.handle())),
        .layout_version = schema_version()};
    Result rows = connection.run(Query::table_sizes);
    while (rows.next()) {
      StoragePart& part = report.parts.emplace_back();
      part.name = rows.string(0);
      part.bytes = rows.number<std::uint64_t>(1);
      if (!rows.is_null(2)) part.rows = rows.number<std::uint64_t>(2);
      report.bytes += part.bytes;
    }
    return report;
  });
}

}  // namespace portfire::postgresql
