#pragma once

// A change of jobs by hand, as the API words it.

#include <optional>
#include <string>
#include <vector>

#include <portfire/client.hpp>

#include "dashboard/call.hpp"

namespace portfire::dashboard {

struct JobChange {
  enum class Kind : unsigned char { requeue, remove, reschedule, move };
  Kind kind = Kind::requeue;
  std::optional<Duration> delay = std::nullopt;  // reschedule: one of these two
  std::optional<TimePoint> at = std::nullopt;
  std::string queue = {};  // move
};

// `requeue`, `delete`, `reschedule` or `move`, with the fields that it takes. Throws `Refusal` 400.
JobChange read_change(const std::string& action, const Fields& fields);

Change apply_change(Client& client, JobId job, const JobChange& change,
                    const ChangeOptions& options);

// One answer per job, in order.
std::vector<Change> apply_change(Client& client, const std::vector<JobId>& jobs,
                                 const JobChange& change, const ChangeOptions& options);

}  // namespace portfire::dashboard
