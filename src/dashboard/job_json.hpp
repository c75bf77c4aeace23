#pragma once

// Jobs as the API shows them. Stored JSON of users stays text: reading it here, or in a browser,
// would round large numbers.

#include <string>

#include <portfire/storage/monitoring.hpp>

#include "dashboard/call.hpp"
#include "dashboard/redactor.hpp"

namespace portfire::dashboard {

// More of the arguments is not shown in a list.
inline constexpr std::size_t list_argument_bytes = 4096;
// Nor on the page of a job.
inline constexpr std::size_t most_text_bytes = std::size_t{256} * 1024;

Json summary_json(const JobSummary& job, const Redactor& redactor,
                  std::size_t argument_bytes = list_argument_bytes);

// What a job knows by itself; relatives, explanation and the like are added by the caller.
Json details_json(const JobDetails& job, const Redactor& redactor);

Json log_json(const std::vector<LogEntry>& log, const Redactor& redactor);

// `mail.send("ann@example.com", 7)`: the call as one would write it.
std::string call_text(const std::string& name, const std::string& arguments);

}  // namespace portfire::dashboard
