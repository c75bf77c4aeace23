// Queues: how long they are, and their pauses.

#include <algorithm>

#include "dashboard/audit_trail.hpp"
#include "dashboard/overview.hpp"
#include "dashboard/router.hpp"
#include "model/rules.hpp"
#include "views/overview_json.hpp"

namespace portfire::dashboard {

namespace {

HttpResponse list(Site& site, const Call& call) {
  call.query.check_names({});
  const Overview::Snapshot snapshot = site.overview->latest();
  Json array = Json::array();
  for (const QueueSummary& queue : snapshot.reading->queues)
    array.push_back(views::queue_json(queue));
  return json_response(200,
                       {{"queues", std::move(array)}, {"now", to_string(snapshot.reading->now)}});
}

HttpResponse one(Site& site, const std::string& name) {
  const auto queues = site.monitoring().queues();
  const auto found = std::ranges::find(queues, name, &QueueSummary::name);
  return json_response(
      200, views::queue_json(found == queues.end() ? QueueSummary{.name = name} : *found));
}

HttpResponse pause(Site& site, const Call& call) {
  call.fields.check_names({"reason"});
  const std::string& name = call.captured.at(0);
  rules::check_queue_name("queue", name);
  const std::string reason = call.fields.text("reason");
  AuditedChange audited{site.coordination(), call.visitor, "queues.pause", name, reason};
  site.client.pause_queue(name, call.visitor.user, reason);
  audited.conclude("done");
  return one(site, name);
}

HttpResponse resume(Site& site, const Call& call) {
  call.fields.check_names({"reason"});
  const std::string& name = call.captured.at(0);
  rules::check_queue_name("queue", name);
  AuditedChange audited{site.coordination(), call.visitor, "queues.resume", name,
                        call.fields.text("reason")};
  site.client.resume_queue(name);
  audited.conclude("done");
  return one(site, name);
}

}  // namespace

void add_queue_routes(std::vector<Route>& routes) {
  routes.push_back({"GET", "queues", Role::viewer, list});
  routes.push_back({"POST", "queues/{name}/pause", Role::operator_, pause});
  routes.push_back({"POST", "queues/{name}/resume", Role::operator_, resume});
}

}  // namespace portfire::dashboard
