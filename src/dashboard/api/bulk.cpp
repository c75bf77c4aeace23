// Changes of many jobs.

#include "dashboard/api/ids.hpp"
#include "dashboard/audit_trail.hpp"
#include "dashboard/router.hpp"

namespace portfire::dashboard {

namespace {

const char* state_name(BulkProgress::State state) {
  switch (state) {
    case BulkProgress::State::running: return "running";
    case BulkProgress::State::done: return "done";
    case BulkProgress::State::cancelled: return "cancelled";
    case BulkProgress::State::failed: return "failed";
  }
  return "failed";
}

Json bulk_json(const BulkProgress& bulk, const Redactor& redactor) {
  return {{"id", bulk.id},
          {"action", bulk.action},
          {"dry_run", bulk.dry_run},
          {"state", state_name(bulk.state)},
          {"examined", bulk.examined},
          {"found", bulk.found},
          {"changed", bulk.changed},
          {"skipped", bulk.skipped},
          {"total", bulk.total ? Json(*bulk.total) : Json(nullptr)},
          {"error", redactor.shown(bulk.error)},
          {"actor", bulk.actor},
          {"started_at", to_string(bulk.started_at)},
          {"ended_at", views::instant_json(bulk.ended_at)}};
}

Refusal no_such_bulk(const std::string& id) {
  return {404,
          "There is no bulk change " + id + " here; the last hundred of this dashboard are kept"};
}

std::vector<JobId> read_ids(const Fields& fields) {
  constexpr std::size_t most = 10'000;
  const auto texts = fields.texts("ids");
  if (texts.size() > most) {
    throw Refusal{400, "Field \"ids\" has " + std::to_string(texts.size()) +
                           " ids: at most 10,000; use a filter for more"};
  }
  std::vector<JobId> ids;
  for (const std::string& text : texts) {
    const auto id = parse_id<JobId>(text);
    if (!id) throw Refusal{400, "Field \"ids\" has \"" + text + "\", which is no id"};
    ids.push_back(*id);
  }
  return ids;
}

JobSearch read_bulk_search(const Site& site, const Fields& fields) {
  Query query;
  for (auto& [name, value] : fields.pairs("filter")) query.add(name, std::move(value));
  query.check_names(filter_names());
  return read_search(query, site.redactor);
}

HttpResponse start(Site& site, const Call& call) {
  const Fields& fields = call.fields;
  fields.check_names({"action", "ids", "filter", "dry_run", "reason", "delay_us", "at", "queue"});
  if (fields.has("ids") == fields.has("filter")) {
    throw Refusal{400, "Give one of the fields \"ids\" and \"filter\""};
  }
  BulkRequest request{.action = fields.text("action"),
                      .change = read_change(fields.text("action"), fields),
                      .ids = {},
                      .filter = std::nullopt,
                      .dry_run = fields.flag("dry_run"),
                      .reason = fields.text("reason")};
  if (fields.has("ids")) request.ids = read_ids(fields);
  if (fields.has("filter")) request.filter = read_bulk_search(site, fields);
  return json_response(
      202, bulk_json(site.bulks.start(std::move(request), call.visitor), site.redactor));
}

HttpResponse list(Site& site, const Call& call) {
  call.query.check_names({});
  Json array = Json::array();
  for (const BulkProgress& bulk : site.bulks.list())
    array.push_back(bulk_json(bulk, site.redactor));
  return json_response(200, {{"bulks", std::move(array)}});
}

HttpResponse show(Site& site, const Call& call) {
  call.query.check_names({});
  const auto bulk = site.bulks.find(call.captured.at(0));
  if (!bulk) throw no_such_bulk(call.captured.at(0));
  return json_response(200, bulk_json(*bulk, site.redactor));
}

HttpResponse cancel(Site& site, const Call& call) {
  call.fields.check_names({"reason"});
  const std::string& id = call.captured.at(0);
  if (!site.bulks.find(id)) throw no_such_bulk(id);
  AuditedChange audited{site.coordination(), call.visitor, "bulk.cancel", id,
                        call.fields.text("reason")};
  const auto bulk = site.bulks.cancel(id);
  if (!bulk) throw no_such_bulk(id);
  audited.conclude("done");
  return json_response(200, bulk_json(*bulk, site.redactor));
}

}  // namespace

void add_bulk_routes(std::vector<Route>& routes) {
  routes.push_back({"POST", "bulk", Role::operator_, start});
  routes.push_back({"GET", "bulk", Role::viewer, list});
  routes.push_back({"GET", "bulk/{id}", Role::viewer, show});
  routes.push_back({"POST", "bulk/{id}/cancel", Role::operator_, cancel});
}

}  // namespace portfire::dashboard
