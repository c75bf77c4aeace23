#include "storage/sqlite/monitoring.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "storage/sqlite/batches.hpp"
#include "storage/sqlite/limits.hpp"
#include "storage/sqlite/tallies.hpp"

namespace portfire::sqlite {

namespace {

TimePoint instant(std::int64_t microseconds) { return TimePoint{Duration{microseconds}}; }

std::string text_of(Database& database, Query query, std::int64_t key) {
  Rows rows = database.rows(query, key);
  return rows.next() ? std::string{rows.text(0)} : std::string{};
}

std::optional<ServerId> server_of(Database& database, std::int64_t number) {
  if (number == no_server) return std::nullopt;
  Rows rows = database.rows(Query::server_id, number);
  if (!rows.next()) return std::nullopt;
  return rows.id<ServerId>(0);
}

JobId id_of(Database& database, std::int64_t key) {
  Rows rows = database.rows(Query::job_id, key);
  return rows.next() ? rows.id<JobId>(0) : JobId{};
}

void add_written_history(Snapshot& snapshot, JobDetails& details, const JobRow& row) {
  struct Entry {
    HistoryEntry entry;
    std::int64_t server;
  };
  std::vector<Entry> entries;
  {
    Rows rows = snapshot.database().rows(Query::history, row.key);
    while (rows.next()) {
      const StateEntry& state = snapshot.catalogue().state(rows.number(0));
      entries.push_back({{.state = snapshot.catalogue().text(state.name),
                          .kind = state.kind,
                          .at = rows.time(1),
                          .reason = std::string{rows.text(4)},
                          .data = std::string{rows.text(5)},
                          .elected_away = rows.number(2) != 0},
                         rows.number(3)});
    }
  }
  for (Entry& entry : entries) {
    entry.entry.server = server_of(snapshot.database(), entry.server);
    details.history.push_back(std::move(entry.entry));
  }
}

// What `tell_past` would write, had the job gone on.
void add_history_of_columns(Snapshot& snapshot, JobDetails& details, const JobRow& row) {
  if (row.has(marks::told)) return;
  const bool running = row.kind == StateKind::running;
  const bool over = row.kind == StateKind::parked || row.kind == StateKind::final;
  const bool has_run = over && row.server != no_server && row.claimed_at;
  if ((running || has_run) && !row.has(marks::ready_told)) {
    details.history.push_back({.state = std::string{state_names::enqueued},
                               .kind = StateKind::ready,
                               .at = instant(row.became_ready_at())});
  }
  if (has_run) {
    details.history.push_back({.state = std::string{state_names::processing},
                               .kind = StateKind::running,
                               .at = instant(*row.claimed_at),
                               .server = server_of(snapshot.database(), row.server)});
  }
}

void add_relatives(Snapshot& snapshot, JobDetails& details, const JobRow& row) {
  Database& database = snapshot.database();
  std::vector<std::pair<std::int64_t, Condition>> parents;
  {
    Rows rows = database.rows(Query::edges_of_child, row.key);
    while (rows.next()) parents.emplace_back(rows.number(0), rows.number<Condition>(1));
  }
  for (const auto& [key, on] : parents) details.parents.push_back({id_of(database, key), on});
  if (!row.has(marks::parent)) return;
  std::vector<std::int64_t> children;
  {
    Rows rows = database.rows(Query::edges_of_parent, row.key);
    while (rows.next()) children.push_back(rows.number(0));
  }
  children.erase(std::unique(children.begin(), children.end()), children.end());
  for (const std::int64_t child : children) details.children.push_back(id_of(database, child));
}

void add_extra(Database& database, JobDetails& details, const JobRow& row) {
  if (!row.has(marks::extra)) return;
  Rows rows = database.rows(Query::extra, row.key);
  if (!rows.next()) return;
  details.data = rows.text(1);
  details.crashes = rows.number<std::uint32_t>(2);
  if (!rows.is_null(3) && !row.has(marks::fresh_run)) details.progress = rows.real(3);
  details.unique_key = rows.text(4);
}

std::optional<MemberCounts> members_of(Database& database, const JobRow& row) {
  Rows rows = database.rows(Query::batch, row.key);
  if (!rows.next()) return std::nullopt;
  return MemberCounts{.total = rows.number<std::uint64_t>(0),
                      .outstanding = rows.number<std::uint64_t>(1),
                      .succeeded = rows.number<std::uint64_t>(2)};
}

std::optional<TimePoint> started_at(const JobRow& row) {
  if (!row.start_delay) return std::nullopt;
  if (row.kind != StateKind::running) return instant(row.claimed_at.value_or(0) + *row.start_delay);
  if (row.has(marks::fresh_run)) return std::nullopt;
  return instant(row.since + *row.start_delay);
}

}  // namespace

void fill_summary(Snapshot& snapshot, const JobRow& row, JobSummary& summary) {
  Catalogue& catalogue = snapshot.catalogue();
  Database& database = snapshot.database();
  const LaneEntry& lane = catalogue.lane(row.lane);
  summary.id = row.id;
  summary.name = catalogue.text(row.name);
  summary.queue = catalogue.text(lane.queue);
  summary.priority = row.priority();
  summary.state = catalogue.state_name(row.state);
  summary.kind = row.kind;
  summary.reason = words_of(database, row).reason;
  summary.attempt = row.attempt;
  summary.created_at = instant(row.created_at);
  summary.since = instant(row.since);
  if (row.kind == StateKind::timed && row.until) summary.due_at = instant(*row.until);
  if (row.kind == StateKind::running) summary.server = server_of(database, row.server);
  if (row.duration) summary.duration = Duration{*row.duration};
  summary.arguments = arguments_of(database, row);
  summary.no_handler = row.kind == StateKind::ready && lane.handler != 0;
  if (row.has(marks::member)) summary.batch = batch_of(database, row);
  summary.parameters = parameters_of(database, row);
}

Statistics SqliteMonitoring::statistics() {
  Statistics statistics;
  Snapshot snapshot = readers_.look("statistics");
  Catalogue& catalogue = snapshot.catalogue();
  // Several lanes and several states of one name are one line.
  std::map<std::pair<std::string, std::string>, std::uint64_t> live;
  {
    Rows counts = snapshot.database().rows(Query::tallies_of, Tally::live);
    while (counts.next()) {
      live[{catalogue.queue_of(counts.number(0)), catalogue.state_name(counts.number(1))}] +=
          counts.number<std::uint64_t>(2);
    }
  }
  for (const auto& [place, count] : live) {
    if (count > 0) statistics.live.push_back({place.first, place.second, count});
  }
  Rows entries = snapshot.database().rows(Query::tallies_of, Tally::lifetime);
  while (entries.next()) {
    if (entries.number(2) <= 0) continue;
    statistics.lifetime[catalogue.text(entries.number(0))] = entries.number<std::uint64_t>(2);
  }
  return statistics;
}

std::vector<HourCount> SqliteMonitoring::history(TimePoint from, TimePoint to) {
  // Hours that begin in [from, to).
  const auto first_hour = [](TimePoint at) {
    const std::int64_t microseconds = at.time_since_epoch().count();
    return microseconds / microseconds_per_hour +
           (microseconds % microseconds_per_hour > 0 ? 1 : 0);
  };
  std::vector<HourCount> hours;
  Snapshot snapshot = readers_.look("history");
  Rows rows = snapshot.database().rows(Query::hours, first_hour(from), first_hour(to));
  while (rows.next()) {
    if (rows.number(2) <= 0) continue;
    hours.push_back({instant(rows.number(0) * microseconds_per_hour),
                     snapshot.catalogue().text(rows.number(1)), rows.number<std::uint64_t>(2)});
  }
  std::ranges::sort(hours, {}, [](const HourCount& one) { return std::tie(one.hour, one.state); });
  return hours;
}

JobPage SqliteMonitoring::list(const JobQuery& query) {
  Snapshot snapshot = readers_.look("list");
  return read_page(snapshot, query);
}

std::optional<JobDetails> SqliteMonitoring::job(JobId id) {
  Snapshot snapshot = readers_.look("job");
  Database& database = snapshot.database();
  const std::optional<JobRow> row = job_by_id(database, id);
  if (!row) return std::nullopt;
  JobDetails details;
  fill_summary(snapshot, *row, details);
  details.epoch = row->epoch;
  details.ending = snapshot.catalogue().state(row->state).ending;
  details.result = text_of(database, Query::job_result, row->key);
  details.started_at = started_at(*row);
  const bool over = row->kind == StateKind::parked || row->kind == StateKind::final;
  if (over && row->until) details.expires_at = instant(*row->until);
  details.suspect = row->has(marks::suspect);
  if (row->has(marks::batch)) details.members = members_of(database, *row);
  if (auto limit = limit_of(database, *row)) {
    details.limit_key = std::move(limit->key);
    details.in_line = limit->in_line;
  }
  add_extra(database, details, *row);
  add_relatives(snapshot, details, *row);
  if (row->has(marks::history)) add_written_history(snapshot, details, *row);
  add_history_of_columns(snapshot, details, *row);
  details.history.push_back({.state = details.state,
                             .kind = details.kind,
                             .at = details.since,
                             .reason = details.reason,
                             .data = details.data,
                             .server = details.server});
  Rows stopping = database.rows(Query::stopping_of, row->key);
  if (stopping.next()) details.stopping_on = server_of(database, stopping.number(0));
  return details;
}

std::vector<LogEntry> SqliteMonitoring::log(JobId id, std::uint64_t after, std::size_t limit) {
  std::vector<LogEntry> lines;
  Snapshot snapshot = readers_.look("log");
  const std::optional<JobRow> row = job_by_id(snapshot.database(), id);
  if (!row) return lines;
  Rows rows = snapshot.database().rows(Query::log, row->key, after, limit);
  while (rows.next()) {
    lines.push_back({.number = rows.number<std::uint64_t>(0),
                     .at = rows.time(1),
                     .level = rows.number<ReportLevel>(2),
                     .text = std::string{rows.text(3)}});
  }
  return lines;
}

}  // namespace portfire::sqlite
