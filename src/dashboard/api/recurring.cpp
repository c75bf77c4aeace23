// Recurring jobs: what is planned, and changes by hand.

#include <portfire/error.hpp>
#include <portfire/recurring.hpp>
#include <portfire/time_zone.hpp>

#include "dashboard/audit_trail.hpp"
#include "dashboard/job_json.hpp"
#include "dashboard/refusal.hpp"
#include "dashboard/router.hpp"
#include "model/occurrences.hpp"

namespace portfire::dashboard {

namespace {

constexpr int occurrences_shown = 5;

const char* misfire_name(Misfire misfire) {
  switch (misfire) {
    case Misfire::relaxed: return "relaxed";
    case Misfire::strict: return "strict";
    case Misfire::ignorable: return "ignorable";
  }
  return "relaxed";
}

const char* overlap_name(Overlap overlap) {
  switch (overlap) {
    case Overlap::allow: return "allow";
    case Overlap::skip: return "skip";
    case Overlap::queue_one: return "queue_one";
    case Overlap::cancel_previous: return "cancel_previous";
  }
  return "allow";
}

std::string schedule_text(const Schedule& schedule) {
  if (schedule.is_interval()) return "every " + to_string(schedule.interval());
  return std::string{schedule.cron().text()};
}

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
  return {{"id", job.id},
          {"job", job.job_name},
          {"arguments", site.redactor.shown(job.arguments)},
          {"schedule", schedule_text(job.schedule)},
          {"zone", job.options.zone},
          {"description", job.schedule.describe()},
          {"misfire", misfire_name(job.options.misfire)},
          {"overlap", overlap_name(job.options.overlap)},
          {"queue", job.options.job.queue},
          {"next", instant_json(job.next)},
          {"upcoming", upcoming_json(job)},
          {"last", instant_json(job.last)},
          {"last_job", job.last_job ? Json(to_string(job.last_job)) : Json(nullptr)},
          {"last_state", last_state_json(site.monitoring(), job)},
          {"runs", job.runs},
          {"skipped", job.skipped},
          {"paused", job.paused},
          {"paused_by", job.paused_by},
          {"pause_reason", job.pause_reason},
          {"paused_until", instant_json(job.paused_until)},
          {"error", site.redactor.shown(job.error)},
          {"created_at", to_string(job.created_at)}};
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

HttpResponse pause(Site& site, const Call& call) {
  call.fields.check_names({"reason", "until"});
  const std::string& id = call.captured.at(0);
  const std::string reason = call.fields.text("reason");
  const PauseOptions options{
      .by = call.visitor.user, .reason = reason, .until = call.fields.instant("until")};
  found(site, id);
  AuditedChange audited{site.coordination(), call.visitor, "recurring.pause", id, reason};
  if (!site.recurring.pause(id, options)) throw no_such_definition(id);
  audited.conclude("done");
  return json_response(200, recurring_json(site, found(site, id)));
}

HttpResponse resume(Site& site, const Call& call) {
  call.fields.check_names({"reason"});
  const std::string& id = call.captured.at(0);
  found(site, id);
  AuditedChange audited{site.coordination(), call.visitor, "recurring.resume", id,
                        call.fields.text("reason")};
  if (!site.recurring.resume(id)) throw no_such_definition(id);
  audited.conclude("done");
  return json_response(200, recurring_json(site, found(site, id)));
}

HttpResponse remove(Site& site, const Call& call) {
  call.fields.check_names({"reason"});
  const std::string& id = call.captured.at(0);
  found(site, id);
  AuditedChange audited{site.coordination(), call.visitor, "recurring.remove", id,
                        call.fields.text("reason")};
  if (!site.recurring.remove(id)) throw no_such_definition(id);
  audited.conclude("done");
  return json_response(200, Json::object());
}

Schedule read_schedule(const std::string& text) {
  constexpr std::string_view every_word = "every ";
  if (!text.starts_with(every_word)) return Cron::parse(text);
  const auto interval = parse_duration(std::string_view{text}.substr(every_word.size()));
  if (!interval) {
    throw Refusal{400, "Field \"schedule\" is \"" + text +
                           "\": after \"every\" comes a span such as 90s or 1h30m"};
  }
  return every(*interval);
}

HttpResponse reschedule(Site& site, const Call& call) {
  call.fields.check_names({"reason", "schedule", "zone"});
  const std::string& id = call.captured.at(0);
  RecurringJob job = found(site, id);
  const Schedule schedule = read_schedule(call.fields.text("schedule"));
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
