#pragma once

// Failed jobs, grouped by what went wrong.

#include <cstdint>
#include <map>
#include <string>

#include <portfire/storage/monitoring.hpp>

namespace portfire::dashboard {

// A message without what differs from one failure to the next of the same kind: numbers, ids in
// hexadecimal, and what stands in quotes become `#` and `"…"`.
std::string failure_signature(std::string_view message);

// Identifies the group of a job: 16 hexadecimal digits of a digest of its name and signature. Here
// and below `message` is the job's reason as it may be shown, so that nothing of what is hidden
// gets into a signature or a key.
std::string failure_key(const std::string& name, std::string_view message);

struct FailureGroup {
  std::string name;
  std::string signature;
  std::string sample;  // the latest message
  JobId sample_job;
  std::uint64_t count = 0;
  TimePoint first;
  TimePoint last;
  std::map<TimePoint, std::uint64_t> by_hour;
};

// Groups by key.
using FailureGroups = std::map<std::string, FailureGroup>;

void add_failure(FailureGroups& groups, const JobSummary& job, const std::string& message);

}  // namespace portfire::dashboard
