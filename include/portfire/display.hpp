#pragma once

/// What people want to read about a job: its display name, its tags, how long a batch will take.
/// Values, no errors: what cannot be read is left out.

#include <optional>
#include <string>
#include <vector>

#include <portfire/storage/monitoring.hpp>
#include <portfire/time.hpp>

namespace portfire {

/// The display name that the job was given, with its arguments in place; otherwise its name.
std::string display_name(const JobSummary& job);

/// How long it will take until the last member of the batch has ended, if the others go on ending
/// at the pace of those so far. Absent for other jobs, before the first member has ended, and when
/// none is outstanding.
std::optional<Duration> time_left(const JobDetails& batch, TimePoint now);

/// The job's tags, in the order in which they were given.
std::vector<std::string> tags(const JobSummary& job);

}  // namespace portfire
