// Queues, servers, the audit log, and how large the storage is.

#include <algorithm>
#include <map>
#include <string>
#include <system_error>

#include <portfire/sqlite.hpp>

#include "storage/sqlite/audit.hpp"
#include "storage/sqlite/monitoring.hpp"
#include "storage/sqlite/tallies.hpp"
#include "storage/sqlite/words.hpp"

namespace portfire::sqlite {

namespace {

std::uint64_t count_in(Database& database, const std::string& pragma) {
  return static_cast<std::uint64_t>(database.number("PRAGMA " + pragma));
}

std::uint64_t bytes_of(std::filesystem::path file, const char* suffix) {
  std::error_code error;
  file += suffix;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

}  // namespace

std::vector<QueueSummary> SqliteMonitoring::queues() {
  Snapshot snapshot = readers_.look("queues");
  Catalogue& catalogue = snapshot.catalogue();
  std::map<std::string, QueueSummary> by_name;
  const auto summary = [&](const std::string& name) -> QueueSummary& {
    QueueSummary& one = by_name[name];
    one.name = one.settings.name = name;
    return one;
  };
  Rows counts = snapshot.database().rows(Query::tallies_of, Tally::live);
  while (counts.next()) {
    const auto count = counts.number<std::uint64_t>(2);
    const StateKind kind = catalogue.state(counts.number(1)).kind;
    if (count == 0 || (kind != StateKind::ready && kind != StateKind::running)) continue;
    const LaneEntry& lane = catalogue.lane(counts.number(0));
    QueueSummary& queue = summary(catalogue.text(lane.queue));
    (kind == StateKind::ready ? queue.ready : queue.running) += count;
    if (kind == StateKind::ready && lane.handler != 0) queue.no_handler += count;
  }
  Rows settings = snapshot.database().rows(Query::queue_settings);
  while (settings.next()) {
    summary(std::string{settings.text(0)}).settings = {
        .name = std::string{settings.text(0)},
        .paused = settings.number(1) != 0,
        .paused_by = std::string{settings.text(2)},
        .pause_reason = std::string{settings.text(3)},
        .version = settings.number<std::uint64_t>(4)};
  }
  std::vector<QueueSummary> queues;
  for (auto& [name, queue] : by_name) {
    std::optional<std::int64_t> first_place;
    for (const LaneEntry& lane : catalogue.lanes_of(catalogue.find_name(name))) {
      if (lane.handler != 0) continue;
      Rows rows = snapshot.database().rows(Query::first_ready, lane.number);
      if (!rows.next() || (first_place && *first_place < rows.number(0))) continue;
      first_place = rows.number(0);
      queue.oldest_ready = rows.time(1);
    }
    queues.push_back(std::move(queue));
  }
  return queues;
}

std::vector<ServerSummary> SqliteMonitoring::servers() {
  std::vector<ServerSummary> servers;
  Snapshot snapshot = readers_.look("servers");
  Rows rows = snapshot.database().rows(Query::servers);
  while (rows.next()) {
    servers.push_back({.info = {.id = rows.id<ServerId>(1),
                                .name = std::string{rows.text(2)},
                                .host = std::string{rows.text(3)},
                                .lock = std::string{rows.text(4)},
                                .workers = rows.number<std::uint32_t>(5),
                                .queues = words_from_text(rows.text(6)),
                                .job_names = words_from_text(rows.text(7)),
                                .lease = Duration{rows.number(8)},
                                .version = std::string{rows.text(12)}},
                       .started_at = rows.time(9),
                       .heartbeat_at = rows.time(10),
                       .running = rows.number<std::uint64_t>(11),
                       .stopping = rows.number(13) != 0});
  }
  return servers;
}

std::vector<AuditEntry> SqliteMonitoring::audit(const AuditQuery& query) {
  return audit_page(readers_.look("audit").database(), query);
}

StorageReport SqliteMonitoring::report() {
  StorageReport report{.engine = std::string{"SQLite "} + sqlite3_libversion(),
                       .layout_version = schema_version()};
  Snapshot snapshot = readers_.look("report");
  Database& database = snapshot.database();
  const std::uint64_t page = count_in(database, "page_size");
  const std::uint64_t free = count_in(database, "freelist_count");
  const std::uint64_t used = count_in(database, "page_count") - free;
  // What each table takes is known to the pages alone, all of which would have to be read.
  std::uint64_t jobs = 0;
  {
    Rows counts = database.rows(Query::tallies_of, Tally::live);
    while (counts.next()) jobs += counts.number<std::uint64_t>(2);
  }
  report.parts = {{.name = "free pages", .bytes = free * page},
                  {.name = "jobs and all else", .bytes = used * page, .rows = jobs},
                  {.name = "write-ahead log", .bytes = bytes_of(database.file(), "-wal")}};
  std::ranges::stable_sort(report.parts, std::ranges::greater{}, &StoragePart::bytes);
  for (const StoragePart& part : report.parts) report.bytes += part.bytes;
  return report;
}

}  // namespace portfire::sqlite
