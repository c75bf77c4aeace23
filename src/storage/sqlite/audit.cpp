#include "storage/sqlite/audit.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

namespace {

constexpr auto largest_number = std::numeric_limits<std::int64_t>::max();

std::int64_t as_column(std::uint64_t number) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(number, largest_number));
}

}  // namespace

std::uint64_t record(Session& session, const AuditEntry& entry) {
  Database& database = session.database;
  database.run(Query::record_audit, session.now, entry.actor, entry.action, entry.target,
               entry.reason, entry.outcome);
  const std::int64_t number = sqlite3_last_insert_rowid(database.handle());
  database.run(Query::forget_audit, number - static_cast<std::int64_t>(audit_entries_kept));
  return static_cast<std::uint64_t>(number);
}

void conclude(Session& session, std::uint64_t number, std::string_view outcome) {
  session.database.run(Query::conclude_audit, as_column(number), outcome);
}

std::vector<AuditEntry> audit_page(Database& database, const AuditQuery& query) {
  std::vector<AuditEntry> entries;
  const std::int64_t before = query.before == 0 ? largest_number : as_column(query.before);
  Rows rows = database.rows(Query::audit_page, before, query.actor, query.action, query.target,
                            as_column(query.limit));
  while (rows.next()) {
    entries.push_back({.number = rows.number<std::uint64_t>(0),
                       .at = rows.time(1),
                       .actor = std::string{rows.text(2)},
                       .action = std::string{rows.text(3)},
                       .target = std::string{rows.text(4)},
                       .reason = std::string{rows.text(5)},
                       .outcome = std::string{rows.text(6)}});
  }
  return entries;
}

}  // namespace portfire::sqlite
