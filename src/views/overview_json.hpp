#pragma once

// Queues, servers, recurring jobs and the audit log as JSON.

#include <portfire/recurring.hpp>
#include <portfire/storage/monitoring.hpp>

#include "views/values.hpp"

namespace portfire::views {

Json queue_json(const QueueSummary& queue);
Json server_json(const ServerSummary& server);
Json audit_json(const AuditEntry& entry);

// Its arguments apart.
Json recurring_json(const RecurringJob& job);

}  // namespace portfire::views
