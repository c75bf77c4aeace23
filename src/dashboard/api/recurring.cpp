// Recurring jobs: what is planned, and changes by hand.

#include <functional>

#include <portfire/error.hpp>
#include <portfire/recurring.hpp>
#include <portfire/time_zone.hpp>

#include "dashboard/audit_trail.hpp"
#include "dashboard/refusal.hpp"
#include "dashboard/router.hpp"
#include "model/occurrences.hpp"
#include "views/overview_json.hpp"

namespace portfire::dashboard {

namespace {

constexpr int occurrences_shown = 5;

// Nothing more than the next one where this machine does not know the zone.
Json upcoming_json(const RecurringJob& job) try {
  Json array = Json::array();
  if (!job.next) return array;
  array.push_back(to_string(*job.next));
  const Occurrences occurrences{
      job.schedule,
      TimeZone{job.options.zone},
      {.start = job.options.start, .end = job.options.end, .except = job.options.except},
      job.id};
  auto at = job.next;
  while (static_cast<int>(array.size()) < occurrences_shown) {
    at = occurrences.after(*at);
    if (!at) break;
    array.push_back(to_string(*at));
  }
  return array;
} catch (const UsageError&) {
  return Json::array({to_string(*job.next)});
}

Json last_state_json(Monitoring& monitoring, const RecurringJob& job) {
  if (!job.last_job) return nullptr;
  const auto last = monitoring.job(job.last_job);
  return last ? Json(last->state) : Json(nullptr);
}

Json recurring_json(Site& site, const RecurringJob& job) {
  Json object = views::recurring_json(job);
  object["arguments"] = site.redactor.shown(job.arguments);
  object["error"] = site.redactor.shown(job.error);
  object["misfire"] = to_string(job.options.misfire);
  object["overlap"] = to_string(job.options.overlap);
  object["queue"] = job.options.job.queue;
  object["upcoming"] = upcoming_json(job);
  object["last_state"] = last_state_json(site.monitoring(), job);
  return object;
}

Refusal no_such_definition(const std::string& id) {
  return {404, "There is no recurring job \"" + id + "\" (any more)"};
}

RecurringJob found(Site& site, const std::string& id) {
  auto job = site.recurring.find(id);
  if (!job) throw no_such_definition(id);
  return std::move(*job);
}

HttpResponse list(Site& site, const Call& call) {
  call.query.check_names({"after", "limit"});
  const auto limit = static_cast<std::size_t>(call.query.number("limit", 20, 1, 200));
  const auto jobs = site.recurring.list({.after = call.query.text("after"), .limit = limit + 1});
  Json array = Json::array();
  for (const RecurringJob& job : jobs) {
    if (array.size() < limit) array.push_back(recurring_json(site, job));
  }
  const bool more = jobs.size() > limit;
  return json_response(200, {{"recurring", std::move(array)},
                             {"next", more ? Json(jobs[limit - 1].id) : Json(nullptr)},
                             {"now", to_string(site.monitoring().now())}});
}

HttpResponse show(Site& site, const Call& call) {
  call.query.check_names({});
  return json_response(200, recurring_json(site, found(site, call.captured.at(0))));
}

HttpResponse trigger(Site& site, const Call& call) {
  call.fields.check_names({"reason"});
  const std::string& id = call.captured.at(0);
  found(site, id);
  AuditedChange audited{site.coordination(), call.visitor, "recurring.trigger", id,
                        call.fields.text("reason")};
  const Creation creation = site.recurring.trigger(id);
  audited.conclude(creation.created() ? "done: " + to_string(creation.id)
                                      : "refused: " + creation.reason);
  if (!creation.created()) throw Refusal{409, "Nothing was created: " + creation.reason};
  return json_response(201, {{"id", to_string(creation.id)}});
}

// A change that answers whether there was such a definition.
void change(Site& site, const Call& call, const std::string& what,
            const std::function<bool(const std::string& id)>& make) {
  const std::string& id = call.captured.at(0);
  found(site, id);
  AuditedChange audited{site.coordination(), call.visitor, "recurring." + what, id,
                        call.fields.text("reason")};
  if (!make(id)) throw no_such_definition(id);
  audited.conclude("done");
}

HttpResponse pause(Site& site, const Call& call) {
  call.fields.check_names({"reason", "until"});
  const PauseOptions options{.by = call.visitor.user,
                             .reason = call.fields.text("reason"),
                             .until = call.fields.instant("until")};
  change(site, call, "pause",
         [&](const std::string& id) { return site.recurring.pause(id, options); });
  return json_response(200, recurring_json(site, found(site, call.captured.at(0))));
}

HttpResponse resume(Site& site, const Call& call) {
  call.fields.check_names({"reason"});
  change(site, call, "resume", [&](const std::string& id) { return site.recurring.resume(id); });
  return json_response(200, recurring_json(site, found(site, call.captured.at(0))));
}

HttpResponse remove(Site& site, const Call& call) {
  call.fields.check_names({"reason"});
  change(site, call, "remove", [&](const std::string& id) { return site.recurring.remove(id); });
  return json_response(200, Json::object());
}

HttpResponse reschedule(Site& site, const Call& call) {
  call.fields.check_names({"reason", "schedule", "zone"});
  const std::string& id = call.captured.at(0);
  RecurringJob job = found(site, id);
  const Schedule schedule = Schedule::parse(call.fields.text("schedule"));
  if (call.fields.has("zone")) job.options.zone = call.fields.text("zone");
  const TimeZone checked{job.options.zone};
  AuditedChange audited{site.coordination(), call.visitor, "recurring.schedule", id,
                        call.fields.text("reason")};
  site.recurring.add_or_update_raw(id, schedule, job.options, job.job_name, job.arguments);
  audited.conclude("done: " + call.fields.text("schedule") + ", " + job.options.zone);
  return json_response(200, recurring_json(site, found(site, id)));
}

}  // namespace

void add_recurring_routes(std::vector<Route>& routes) {
  routes.push_back({"GET", "recurring", Role::viewer, list});
  routes.push_back({"GET", "recurring/{id}", Role::viewer, show});
  routes.push_back({"POST", "recurring/{id}/trigger", Role::operator_, trigger});
  routes.push_back({"POST", "recurring/{id}/pause", Role::operator_, pause});
  routes.push_back({"POST", "recurring/{id}/resume", Role::operator_, resume});
  routes.push_back({"POST", "recurring/{id}/remove", Role::admin, remove});
  routes.push_back({"POST", "recurring/{id}/schedule", Role::admin, reschedule});
}

}  // namespace portfire::dashboard
