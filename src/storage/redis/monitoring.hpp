#pragma once

#include <optional>
#include <vector>

#include <portfire/storage/monitoring.hpp>

#include "storage/redis/gateway.hpp"
#include "storage/redis/settings.hpp"

namespace portfire::redis {

// Reading scripts. A list is read in portions, each at one instant. Threads: any.
class RedisMonitoring final : public Monitoring {
 public:
  // Both outlive it.
  RedisMonitoring(const Settings& settings, Gateway& gateway)
      : settings_{settings}, gateway_{gateway} {}

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
  Reply overview(std::string_view what);

  const Settings& settings_;
  Gateway& gateway_;
};

// list.cpp
JobPage read_page(const Settings& settings, Gateway& gateway, const JobQuery& query);
// details.cpp
std::optional<JobDetails> read_details(const Settings& settings, Gateway& gateway, JobId id);
std::vector<LogEntry> read_log(const Settings& settings, Gateway& gateway, JobId id,
                               std::uint64_t after, std::size_t limit);

}  // namespace portfire::redis
