#pragma once

// A new job like an old one.

#include <portfire/call.hpp>
#include <portfire/storage/monitoring.hpp>

namespace portfire::dashboard {

// What the call that made the job has said about it: queue, priority, retries, times, tags, display
// name, baggage, parameters. Not its unique key, which the old job may still hold; of a limit the
// key alone is known, and the new job is content with any others of it having ended.
CallOptions options_like(const JobDetails& job);

}  // namespace portfire::dashboard
