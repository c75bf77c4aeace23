#pragma once

// Which function answers which request, and who may ask.

#include <functional>
#include <string>
#include <vector>

#include "dashboard/call.hpp"
#include "dashboard/site.hpp"

namespace portfire::dashboard {

struct Route {
  std::string method;
  std::string pattern;  // `jobs/{id}/requeue`
  Role least = Role::viewer;
  std::function<HttpResponse(Site&, const Call&)> answer;
};

class Router {
 public:
  explicit Router(std::vector<Route> routes);

  // Answers a request below `api/v1`. Throws `Refusal`: 404, 405, 403 and whatever the endpoint
  // throws.
  HttpResponse answer(Site& site, const HttpRequest& request, const Visitor& visitor,
                      const std::vector<std::string>& path, const Query& query) const;

 private:
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> patterns_;  // in parts
};

// All endpoints.
std::vector<Route> api_routes();

// One part each.
void add_overview_routes(std::vector<Route>& routes);
void add_job_routes(std::vector<Route>& routes);
void add_job_change_routes(std::vector<Route>& routes);
void add_failure_routes(std::vector<Route>& routes);
void add_queue_routes(std::vector<Route>& routes);
void add_recurring_routes(std::vector<Route>& routes);
void add_server_routes(std::vector<Route>& routes);
void add_bulk_routes(std::vector<Route>& routes);
void add_audit_routes(std::vector<Route>& routes);

}  // namespace portfire::dashboard
