// The audit log to be read.

#include "dashboard/router.hpp"
#include "views/overview_json.hpp"

namespace portfire::dashboard {

namespace {

HttpResponse list(Site& site, const Call& call) {
  call.query.check_names({"before", "limit", "actor", "action", "target"});
  constexpr std::uint64_t most = 1'000'000'000'000'000'000;
  const auto limit = static_cast<std::size_t>(call.query.number("limit", 50, 1, 500));
  const auto entries = site.monitoring().audit({.before = call.query.number("before", 0, 0, most),
                                                .limit = limit,
                                                .actor = call.query.text("actor"),
                                                .action = call.query.text("action"),
                                                .target = call.query.text("target")});
  Json array = Json::array();
  for (const AuditEntry& entry : entries) {
    Json object = views::audit_json(entry);
    for (const char* text : {"target", "reason", "outcome"}) {
      object[text] = site.redactor.shown(object[text].get<std::string>());
    }
    if (entry.outcome.empty()) object["outcome"] = "asked";
    array.push_back(std::move(object));
  }
  const bool more = entries.size() == limit;
  return json_response(200, {{"entries", std::move(array)},
                             {"next", more ? Json(entries.back().number) : Json(nullptr)}});
}

}  // namespace

void add_audit_routes(std::vector<Route>& routes) {
  routes.push_back({"GET", "audit", Role::operator_, list});
}

}  // namespace portfire::dashboard
