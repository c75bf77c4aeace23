#pragma once

// Why a job is not running, or how it stands: in plain words.

#include <optional>
#include <string>
#include <vector>

#include <portfire/storage/monitoring.hpp>

namespace portfire::dashboard {

// What an explanation looks at besides the job.
struct Surroundings {
  TimePoint now;
  std::vector<QueueSummary> queues;
  std::vector<ServerSummary> servers;
};

// One sentence or several, the most important first.
std::vector<std::string> explain(const JobDetails& job, const Surroundings& around);

}  // namespace portfire::dashboard
