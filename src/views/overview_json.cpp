#include "views/overview_json.hpp"

namespace portfire::views {

Json queue_json(const QueueSummary& queue) {
  return {{"name", queue.name},
          {"ready", queue.ready},
          {"running", queue.running},
          {"no_handler", queue.no_handler},
          {"oldest_ready", instant_json(queue.oldest_ready)},
          {"paused", queue.settings.paused},
          {"paused_by", queue.settings.paused_by},
          {"pause_reason", queue.settings.pause_reason}};
}

Json server_json(const ServerSummary& server) {
  return {{"id", to_string(server.info.id)},
          {"name", server.info.name},
          {"workers", server.info.workers},
          {"running", server.running},
          {"queues", server.info.queues},
          {"job_names", server.info.job_names},
          {"lease_us", server.info.lease.count()},
          {"started_at", to_string(server.started_at)},
          {"heartbeat_at", to_string(server.heartbeat_at)},
          {"version", server.info.version},
          {"stopping", server.stopping}};
}

Json audit_json(const AuditEntry& entry) {
  return {{"number", entry.number},  {"at", to_string(entry.at)}, {"actor", entry.actor},
          {"action", entry.action},  {"target", entry.target},    {"reason", entry.reason},
          {"outcome", entry.outcome}};
}

Json recurring_json(const RecurringJob& job) {
  return {{"id", job.id},
          {"job", job.job_name},
          {"schedule", job.schedule.text()},
          {"zone", job.options.zone},
          {"description", job.schedule.describe()},
          {"next", instant_json(job.next)},
          {"last", instant_json(job.last)},
          {"last_job", id_json(job.last_job)},
          {"runs", job.runs},
          {"skipped", job.skipped},
          {"paused", job.paused},
          {"paused_by", job.paused_by},
          {"pause_reason", job.pause_reason},
          {"paused_until", instant_json(job.paused_until)},
          {"error", job.error},
          {"created_at", to_string(job.created_at)}};
}

}  // namespace portfire::views
