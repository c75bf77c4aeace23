#pragma once

// An execution as it is known afterwards, from what is stored of its job.

#include <portfire/storage/monitoring.hpp>

namespace portfire::server {

// `job` is of kind running.
inline Execution held_execution(const JobDetails& job) {
  return {.ref = {.job = job.id, .epoch = job.epoch},
          .name = job.name,
          .arguments = job.arguments,
          .queue = job.queue,
          .priority = job.priority,
          .attempt = job.attempt,
          .parameters = job.parameters,
          .batch = job.batch.value_or(JobId{}),
          .suspect = job.suspect,
          .crashes = job.crashes};
}

}  // namespace portfire::server
