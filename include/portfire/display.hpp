#pragma once

/// What people want to read about a job: its display name and its tags. Values, no errors: what
/// cannot be read is left out.

#include <string>
#include <vector>

#include <portfire/storage/monitoring.hpp>

namespace portfire {

/// The display name that the job was given, with its arguments in place; otherwise its name.
std::string display_name(const JobSummary& job);

/// The job's tags, in the order in which they were given.
std::vector<std::string> tags(const JobSummary& job);

}  // namespace portfire
