#pragma once

// A job among its relatives: what it waits for, what waits for it, the members of a batch.

#include <portfire/storage/storage.hpp>

#include "dashboard/call.hpp"
#include "dashboard/redactor.hpp"

namespace portfire::dashboard {

// The graph around a job, or of a batch or workflow. Nothing when there is no such job (any more).
std::optional<Json> graph_json(Storage& storage, JobId id, const Redactor& redactor);

// The parents and children of a job, with what is known of each.
Json parents_json(Monitoring& monitoring, const JobDetails& job);
Json children_json(Monitoring& monitoring, const JobDetails& job);

}  // namespace portfire::dashboard
