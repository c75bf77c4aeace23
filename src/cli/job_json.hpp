#pragma once

// Jobs as JSON. Keys are part of the interface (docs/reference/cli.md): always present, null where
// there is nothing.

#include <string>
#include <vector>

#include <portfire/storage/monitoring.hpp>

#include "cli/session.hpp"

namespace portfire::cli {

// Stored JSON text as what it means; as a string when it is not JSON; null when it is empty.
Json stored_json(const std::string& text);

Json summary_json(const JobSummary& job);
Json details_json(const JobDetails& job, const std::vector<LogEntry>& log);

}  // namespace portfire::cli
