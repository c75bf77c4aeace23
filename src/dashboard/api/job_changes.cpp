// Jobs to be changed, one at a time.

#include <portfire/error.hpp>

#include "dashboard/api/ids.hpp"
#include "dashboard/audit_trail.hpp"
#include "dashboard/job_change.hpp"
#include "dashboard/router.hpp"
#include "dashboard/run_again.hpp"
#include "model/rules.hpp"

namespace portfire::dashboard {

namespace {

void refuse_unless_done(const Change& change, const std::string& id) {
  switch (change.status) {
    case Change::Status::changed:
    case Change::Status::redirected: return;
    case Change::Status::not_found: throw no_such_job(id);
    case Change::Status::state_mismatch:
      throw Refusal{409, "The job is " + change.state + " now, so it was left alone"};
    case Change::Status::is_batch:
      throw Refusal{409, "A batch cannot be run, put off or moved; change its members instead"};
  }
}

HttpResponse change(Site& site, const Call& call, const std::string& action) {
  std::vector<std::string_view> names{"reason", "from"};
  if (action == "reschedule") names.insert(names.end(), {"delay_us", "at"});
  if (action == "move") names.emplace_back("queue");
  call.fields.check_names(names);
  const JobId id = id_in_path<JobId>(call.captured.at(0));
  const JobChange wanted = read_change(action, call.fields);
  const std::string reason = call.fields.text("reason");
  AuditedChange audited{site.coordination(), call.visitor, "jobs." + action, to_string(id), reason};
  const Change result = apply_change(
      site.client, id, wanted,
      {.from = call.fields.text("from"), .reason = history_reason(call.visitor, reason)});
  const bool is_redirected = result.status == Change::Status::redirected;
  audited.conclude(result          ? "done"
                   : is_redirected ? "done: a filter chose " + result.state
                                   : "refused: " + std::string{to_string(result.status)});
  refuse_unless_done(result, call.captured.at(0));
  return json_response(200, {{"status", to_string(result.status)}, {"state", result.state}});
}

// A new job like an old one. Other arguments make it one that no program has asked for, which takes
// an admin.
HttpResponse run_again(Site& site, const Call& call) {
  call.fields.check_names({"reason", "arguments"});
  const JobId id = id_in_path<JobId>(call.captured.at(0));
  const auto job = site.monitoring().job(id);
  if (!job) throw no_such_job(call.captured.at(0));
  if (job->members) throw Refusal{422, "A batch cannot be run again; run its members again"};
  if (job->parameters.contains(rules::inputs_parameter)) {
    throw Refusal{422, "It takes results of other jobs of its workflow; requeue it instead"};
  }
  const bool is_changed = call.fields.has("arguments");
  if (is_changed && call.visitor.role < Role::admin) {
    throw Refusal{403, "Running a job with other arguments takes the role admin"};
  }
  const std::string reason = call.fields.text("reason");
  AuditedChange audited{site.coordination(), call.visitor, "jobs.run_again", to_string(id), reason};
  const std::string arguments = is_changed ? call.fields.text("arguments") : job->arguments;
  const Creation creation =
      site.client.with(options_like(*job))
          .schedule_raw(job->name, arguments,
                        states::enqueued(history_reason(call.visitor, reason)));
  if (!creation.created()) {
    audited.conclude("refused: " + creation.reason);
    throw Refusal{409, "Nothing was created: " + creation.reason};
  }
  audited.conclude("done: " + to_string(creation.id));
  return json_response(201, {{"id", to_string(creation.id)}});
}

}  // namespace

void add_job_change_routes(std::vector<Route>& routes) {
  for (const std::string action : {"requeue", "delete", "reschedule", "move"}) {
    routes.push_back(
        {"POST", "jobs/{id}/" + action, Role::operator_,
         [action](Site& site, const Call& call) { return change(site, call, action); }});
  }
  routes.push_back({"POST", "jobs/{id}/run_again", Role::operator_, run_again});
}

}  // namespace portfire::dashboard
