#include "dashboard/job_change.hpp"

#include "dashboard/refusal.hpp"
#include "model/rules.hpp"

namespace portfire::dashboard {

JobChange read_change(const std::string& action, const Fields& fields) {
  if (action == "requeue") return {.kind = JobChange::Kind::requeue};
  if (action == "delete") return {.kind = JobChange::Kind::remove};
  if (action == "reschedule") {
    JobChange change{.kind = JobChange::Kind::reschedule,
                     .delay = fields.microseconds("delay_us"),
                     .at = fields.instant("at")};
    if (change.delay.has_value() == change.at.has_value()) {
      throw Refusal{400, "To reschedule, give one of the fields \"delay_us\" and \"at\""};
    }
    return change;
  }
  if (action == "move") {
    JobChange change{.kind = JobChange::Kind::move, .queue = fields.text("queue")};
    rules::check_queue_name("queue", change.queue);
    return change;
  }
  throw Refusal{
      400, "Field \"action\" is \"" + action + "\": must be requeue, delete, reschedule or move"};
}

Change apply_change(Client& client, JobId job, const JobChange& change,
                    const ChangeOptions& options) {
  return apply_change(client, std::vector{job}, change, options).front();
}

std::vector<Change> apply_change(Client& client, const std::vector<JobId>& jobs,
                                 const JobChange& change, const ChangeOptions& options) {
  switch (change.kind) {
    case JobChange::Kind::requeue: return client.requeue_all(jobs, options);
    case JobChange::Kind::remove: return client.delete_all(jobs, options);
    case JobChange::Kind::reschedule:
      return change.at
                 ? client.reschedule_all(jobs, *change.at, options)
                 : client.reschedule_all(jobs, change.delay.value_or(Duration::zero()), options);
    case JobChange::Kind::move: break;
  }
  std::vector<Change> changes;
  changes.reserve(jobs.size());
  for (const JobId job : jobs) {
    changes.push_back(client.move_to_queue(job, change.queue, options));
  }
  return changes;
}

}  // namespace portfire::dashboard
