#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <portfire/storage/monitoring.hpp>

#include "storage/sqlite/job_row.hpp"
#include "storage/sqlite/readers.hpp"
#include "storage/sqlite/writer.hpp"

namespace portfire::sqlite {

// Threads: any.
class SqliteMonitoring final : public Monitoring {
 public:
  SqliteMonitoring(const Writer& writer, ReaderPool& readers)
      : clock_{writer.clock()}, readers_{readers} {}

  TimePoint now() override { return TimePoint{Duration{clock_.now()}}; }
  Statistics statistics() override;
  std::vector<HourCount> history(TimePoint from, TimePoint to) override;
  JobPage list(const JobQuery& query) override;
  std::optional<JobDetails> job(JobId id) override;
  std::vector<LogEntry> log(JobId id, std::uint64_t after, std::size_t limit) override;
  // overview.cpp
  std::vector<QueueSummary> queues() override;
  std::vector<ServerSummary> servers() override;
  std::vector<AuditEntry> audit(const AuditQuery& query) override;
  StorageReport report() override;

 private:
  const StorageClock& clock_;
  ReaderPool& readers_;
};

// What lists and details show of a job.
void fill_summary(Snapshot& snapshot, const JobRow& row, JobSummary& summary);

// One page (list.cpp).
JobPage read_page(Snapshot& snapshot, const JobQuery& query);

}  // namespace portfire::sqlite
