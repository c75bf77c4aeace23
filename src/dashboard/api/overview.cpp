// How everything stands: session, overview, history, events, the description of the API itself.

#include <chrono>

#include <portfire/version.hpp>

#include "dashboard/job_json.hpp"
#include "dashboard/openapi.hpp"
#include "dashboard/router.hpp"

namespace portfire::dashboard {

namespace {

HttpResponse show_session(Site& site, const Call& call) {
  const DashboardOptions& options = site.options;
  Json pages = Json::array();
  for (const DashboardPage& page : options.pages) {
    pages.push_back({{"title", page.title}, {"url", "pages/" + page.path}});
  }
  return json_response(
      200, {{"user", call.visitor.user},
            {"role", to_string(call.visitor.role)},
            {"read_only", options.read_only},
            {"title", options.title},
            {"app_url", options.app_url.empty() ? Json(nullptr) : Json(options.app_url)},
            {"version", version_text()},
            {"storage", site.storage->description()},
            {"token", site.forgery.token_for(call.visitor)},
            {"style_sheet", options.style_sheet.empty() ? Json(nullptr) : Json("custom.css")},
            {"pages", std::move(pages)}});
}

HttpResponse show_overview(Site& site, const Call&) {
  return text_response(200, "application/json", *site.overview->latest().json);
}

HttpResponse show_history(Site& site, const Call& call) {
  call.query.check_names({"hours"});
  constexpr std::uint64_t most_hours = 32 * 24;
  const auto hours = call.query.number("hours", 24, 1, most_hours);
  const TimePoint to = site.monitoring().now() + Duration{1};
  const TimePoint from = std::chrono::floor<std::chrono::hours>(to) -
                         std::chrono::hours{static_cast<std::int64_t>(hours) - 1};
  Json array = Json::array();
  for (const HourCount& count : site.monitoring().history(from, to)) {
    array.push_back(
        {{"hour", to_string(count.hour)}, {"state", count.state}, {"count", count.count}});
  }
  return json_response(
      200, {{"from", to_string(from)}, {"to", to_string(to)}, {"hours", std::move(array)}});
}

HttpResponse stream_events(Site& site, const Call&) {
  return {.status = 200,
          .headers = {{"Content-Type", "text/event-stream"}, {"X-Accel-Buffering", "no"}},
          .body = "retry: 3000\n\n",
          .events = Overview::stream(site.overview)};
}

HttpResponse show_description(Site&, const Call&) {
  return text_response(200, "application/json", std::string{openapi_text()});
}

}  // namespace

void add_overview_routes(std::vector<Route>& routes) {
  routes.push_back({"GET", "session", Role::viewer, show_session});
  routes.push_back({"GET", "overview", Role::viewer, show_overview});
  routes.push_back({"GET", "history", Role::viewer, show_history});
  routes.push_back({"GET", "events", Role::viewer, stream_events});
  routes.push_back({"GET", "openapi.json", Role::viewer, show_description});
}

}  // namespace portfire::dashboard
