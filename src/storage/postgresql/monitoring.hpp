#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <portfire/storage/monitoring.hpp>

#include "storage/postgresql/pool.hpp"

namespace portfire::postgresql {

// Threads: any.
class PostgresqlMonitoring final : public Monitoring {
 public:
  explicit PostgresqlMonitoring(Pool& pool) : pool_{pool} {}

  TimePoint now() override;
  Statistics statistics() override;
  std::vector<HourCount> history(TimePoint from, TimePoint to) override;
  JobPage list(const JobQuery& query) override;
  std::optional<JobDetails> job(JobId id) override;
  std::vector<LogEntry> log(JobId id, std::uint64_t after, std::size_t limit) override;
  std::vector<QueueSummary> queues() override;
  std::vector<ServerSummary> servers() override;
  // oversight.cpp
  std::vector<AuditEntry> audit(const AuditQuery& query) override;
  StorageReport report() override;

 private:
  Pool& pool_;
};

// A transaction that sees one state of the database.
inline constexpr const char* one_snapshot = "ISOLATION LEVEL REPEATABLE READ READ ONLY";

// What lists and details show of a job.
struct ShownJob {
  JobSummary summary;
  // As stored, and since when; of a running one: before it was claimed.
  HistoryEntry stored;
  std::uint64_t epoch = 0;
  std::optional<TimePoint> until;  // falls due or expires
};

// Those that exist, in the order of the ids (summaries.cpp).
std::vector<ShownJob> read_summaries(Connection& connection, const std::vector<JobId>& ids);

// One page (list.cpp), all of one job (details.cpp); in the caller's transaction.
JobPage read_page(Connection& connection, const JobQuery& query);
std::optional<JobDetails> read_details(Connection& connection, JobId id);

}  // namespace portfire::postgresql
