// Servers, and the storage itself.

#include <algorithm>

#include "dashboard/api/ids.hpp"
#include "dashboard/audit_trail.hpp"
#include "dashboard/router.hpp"
#include "views/overview_json.hpp"

namespace portfire::dashboard {

namespace {

Json server_json(const ServerSummary& server, TimePoint now) {
  Json object = views::server_json(server);
  object["overdue"] = now - server.heartbeat_at > server.info.lease;
  return object;
}

HttpResponse list(Site& site, const Call& call) {
  call.query.check_names({});
  const Overview::Snapshot snapshot = site.overview->latest();
  Json array = Json::array();
  for (const ServerSummary& server : snapshot.reading->servers) {
    array.push_back(server_json(server, snapshot.reading->now));
  }
  return json_response(200,
                       {{"servers", std::move(array)}, {"now", to_string(snapshot.reading->now)}});
}

HttpResponse stop(Site& site, const Call& call) {
  call.fields.check_names({"reason"});
  const ServerId id = id_in_path<ServerId>(call.captured.at(0));
  const Refusal gone{404, "There is no server " + call.captured.at(0) + " (any more)"};
  AuditedChange audited{site.coordination(), call.visitor, "servers.stop", to_string(id),
                        call.fields.text("reason")};
  if (!site.coordination().ask_to_stop(id)) {
    audited.conclude("refused: not_found");
    throw gone;
  }
  audited.conclude("done");
  const auto servers = site.monitoring().servers();
  const auto found = std::ranges::find_if(
      servers, [&](const ServerSummary& server) { return server.info.id == id; });
  if (found == servers.end()) throw gone;
  return json_response(200, server_json(*found, site.monitoring().now()));
}

HttpResponse show_storage(Site& site, const Call& call) {
  call.query.check_names({});
  Runtime& runtime = *site.storage->runtime();
  const SteadyPoint begin = runtime.steady_now();
  const TimePoint now = site.monitoring().now();
  const auto round_trip = std::chrono::duration_cast<Duration>(runtime.steady_now() - begin);
  // The storage looked at its clock somewhere in between.
  const Duration difference = now - (runtime.now() - round_trip / 2);
  const StorageReport report = site.monitoring().report();
  Json parts = Json::array();
  for (const StoragePart& part : report.parts) {
    parts.push_back({{"name", part.name},
                     {"bytes", part.bytes},
                     {"rows", part.rows ? Json(*part.rows) : Json(nullptr)}});
  }
  const StorageCapabilities capabilities = site.storage->capabilities();
  return json_response(200, {{"description", site.storage->description()},
                             {"engine", report.engine},
                             {"layout_version", report.layout_version},
                             {"bytes", report.bytes},
                             {"parts", std::move(parts)},
                             {"durable", capabilities.durable},
                             {"survives_power_loss", capabilities.survives_power_loss},
                             {"shared", capabilities.shared},
                             {"push_wakeup", capabilities.push_wakeup},
                             {"now", to_string(now)},
                             {"clock_difference_us", difference.count()},
                             {"round_trip_us", round_trip.count()}});
}

}  // namespace

void add_server_routes(std::vector<Route>& routes) {
  routes.push_back({"GET", "servers", Role::viewer, list});
  routes.push_back({"POST", "servers/{id}/stop", Role::admin, stop});
  routes.push_back({"GET", "storage", Role::viewer, show_storage});
}

}  // namespace portfire::dashboard
