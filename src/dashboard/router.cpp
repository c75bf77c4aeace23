#include "dashboard/router.hpp"

#include <algorithm>
#include <optional>

#include "dashboard/refusal.hpp"

namespace portfire::dashboard {

namespace {

std::vector<std::string> split(const std::string& pattern) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = std::min(pattern.find('/', begin), pattern.size());
    parts.push_back(pattern.substr(begin, end - begin));
    if (end == pattern.size()) return parts;
    begin = end + 1;
  }
}

std::optional<std::vector<std::string>> match(const std::vector<std::string>& pattern,
                                              const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::vector<std::string> captured;
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (pattern[at].starts_with('{')) {
      captured.push_back(path[at]);
    } else if (pattern[at] != path[at]) {
      return std::nullopt;
    }
  }
  return captured;
}

bool is_change(const std::string& method) { return method != "GET"; }

void check_permission(const Site& site, const Route& route, const HttpRequest& request,
                      const Visitor& visitor) {
  if (visitor.role < route.least) {
    throw Refusal{403, "This takes the role " + std::string{to_string(route.least)} +
                           "; yours is " + std::string{to_string(visitor.role)}};
  }
  if (!is_change(route.method)) return;
  if (site.options.read_only) throw Refusal{403, "This dashboard is read-only"};
  site.forgery.check(request, visitor);
}

}  // namespace

Router::Router(std::vector<Route> routes) : routes_{std::move(routes)} {
  for (const Route& route : routes_) patterns_.push_back(split(route.pattern));
}

HttpResponse Router::answer(Site& site, const HttpRequest& request, const Visitor& visitor,
                            const std::vector<std::string>& path, const Query& query) const {
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  std::string others;
  for (std::size_t at = 0; at < routes_.size(); ++at) {
    auto captured = match(patterns_[at], path);
    if (!captured) continue;
    const Route& route = routes_[at];
    if (route.method != method) {
      others += (others.empty() ? "" : ", ") + route.method;
      continue;
    }
    check_permission(site, route, request, visitor);
    return route.answer(site, {.request = request,
                               .visitor = visitor,
                               .captured = std::move(*captured),
                               .query = query,
                               .fields = is_change(method) ? Fields{request} : Fields{}});
  }
  if (others.empty()) throw Refusal{404, "There is nothing here; see api/v1/openapi.json"};
  HttpResponse response = problem(405, request.method + " is not possible here; " + others + " is");
  response.headers.emplace_back("Allow", others);
  return response;
}

std::vector<Route> api_routes() {
  std::vector<Route> routes;
  add_overview_routes(routes);
  add_job_routes(routes);
  add_job_change_routes(routes);
  add_failure_routes(routes);
  add_queue_routes(routes);
  add_recurring_routes(routes);
  add_server_routes(routes);
  add_bulk_routes(routes);
  add_audit_routes(routes);
  return routes;
}

}  // namespace portfire::dashboard
