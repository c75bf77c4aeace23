#include "storage/postgresql/monitoring.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace portfire::postgresql {

namespace {

// A count of the caller's as PostgreSQL can take it.
std::int64_t count_of(std::uint64_t number) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min<std::uint64_t>(number, most));
}

class QueueList {
 public:
  QueueSummary& of(const std::string& name) {
    QueueSummary& one = by_name_[name];
    one.name = one.settings.name = name;
    return one;
  }
  std::vector<QueueSummary> taken() {
    std::vector<QueueSummary> queues;
    for (auto& [name, queue] : by_name_) queues.push_back(std::move(queue));
    return queues;
  }

 private:
  std::map<std::string, QueueSummary> by_name_;
};

}  // namespace

TimePoint PostgresqlMonitoring::now() {
  return pool_.with("now", [&](Connection& connection) {
    Result row = connection.run(Query::storage_time, Interval{pool_.settings().shift()});
    row.next();
    return row.time(0);
  });
}

Statistics PostgresqlMonitoring::statistics() {
  return pool_.with("statistics", [](Connection& connection) {
    const Transaction snapshot{connection, one_snapshot};
    std::vector<Result> results = connection.run_together(
        std::vector<Statement>{{Query::live_counts, {}}, {Query::lifetime_counts, {}}});
    // Several lanes and several states of one name are one line.
    std::map<std::pair<std::string, std::string>, std::uint64_t> live;
    Result& counts = results[0];
    while (counts.next()) {
      live[{counts.string(0), counts.string(2)}] += counts.number<std::uint64_t>(4);
    }
    Statistics statistics;
    for (const auto& [place, count] : live) {
      statistics.live.push_back({place.first, place.second, count});
    }
    Result& entries = results[1];
    while (entries.next()) {
      statistics.lifetime[entries.string(0)] = entries.number<std::uint64_t>(1);
    }
    return statistics;
  });
}

std::vector<HourCount> PostgresqlMonitoring::history(TimePoint from, TimePoint to) {
  return pool_.with("history", [&](Connection& connection) {
    std::vector<HourCount> hours;
    Result rows = connection.run(Query::hourly_counts, from, to);
    while (rows.next()) {
      hours.push_back({rows.time(0), rows.string(1), rows.number<std::uint64_t>(2)});
    }
    return hours;
  });
}

JobPage PostgresqlMonitoring::list(const JobQuery& query) {
  return pool_.with("list", [&](Connection& connection) {
    const Transaction snapshot{connection, one_snapshot};
    return read_page(connection, query);
  });
}

std::optional<JobDetails> PostgresqlMonitoring::job(JobId id) {
  return pool_.with("job", [&](Connection& connection) {
    const Transaction snapshot{connection, one_snapshot};
    return read_details(connection, id);
  });
}

std::vector<LogEntry> PostgresqlMonitoring::log(JobId id, std::uint64_t after, std::size_t limit) {
  return pool_.with("log", [&](Connection& connection) {
    std::vector<LogEntry> lines;
    Result rows = connection.run(Query::log_lines, id, count_of(after), count_of(limit));
    while (rows.next()) {
      lines.push_back({.number = rows.number<std::uint64_t>(0),
                       .at = rows.time(1),
                       .level = rows.number<ReportLevel>(2),
                       .text = rows.string(3)});
    }
    return lines;
  });
}

std::vector<QueueSummary> PostgresqlMonitoring::queues() {
  return pool_.with("queues", [](Connection& connection) {
    const Transaction snapshot{connection, one_snapshot};
    std::vector<Result> results = connection.run_together(std::vector<Statement>{
        {Query::live_counts, {}}, {Query::queue_settings, {}}, {Query::oldest_ready, {}}});
    QueueList queues;
    Result& counts = results[0];
    while (counts.next()) {
      const auto kind = counts.number<StateKind>(3);
      if (kind != StateKind::ready && kind != StateKind::running) continue;
      const auto count = counts.number<std::uint64_t>(4);
      QueueSummary& queue = queues.of(counts.string(0));
      (kind == StateKind::ready ? queue.ready : queue.running) += count;
      if (kind == StateKind::ready && counts.flag(1)) queue.no_handler += count;
    }
    Result& settings = results[1];
    while (settings.next()) {
      queues.of(settings.string(0)).settings = {.name = settings.string(0),
                                                .paused = settings.flag(1),
                                                .paused_by = settings.string(2),
                                                .pause_reason = settings.string(3),
                                                .version = settings.number<std::uint64_t>(4)};
    }
    Result& oldest = results[2];
    while (oldest.next()) queues.of(oldest.string(0)).oldest_ready = oldest.time(1);
    return queues.taken();
  });
}

std::vector<ServerSummary> PostgresqlMonitoring::servers() {
  return pool_.with("servers", [](Connection& connection) {
    std::vector<ServerSummary> servers;
    Result rows = connection.run(Query::servers);
    while (rows.next()) {
      servers.push_back({.info = {.id = rows.id<ServerId>(0),
                                  .name = rows.string(1),
                                  .host = rows.string(2),
                                  .lock = rows.string(3),
                                  .workers = rows.number<std::uint32_t>(4),
                                  .queues = rows.texts(5),
                                  .job_names = rows.texts(6),
                                  .lease = rows.span(7),
                                  .version = rows.string(11)},
                         .started_at = rows.time(8),
                         .heartbeat_at = rows.time(9),
                         .running = rows.number<std::uint64_t>(10),
                         .stopping = rows.flag(12)});
    }
    return servers;
  });
}

}  // namespace portfire::postgresql
