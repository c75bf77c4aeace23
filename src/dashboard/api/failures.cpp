// Failed jobs, grouped: a piece at a time, latest first.

#include "dashboard/failures.hpp"

#include <chrono>

#include "client/text.hpp"
#include "dashboard/job_json.hpp"
#include "dashboard/job_search.hpp"
#include "dashboard/router.hpp"

namespace portfire::dashboard {

namespace {

constexpr std::size_t jobs_per_piece = 2000;
constexpr int trend_hours = 24;

// What finds the jobs that were counted: those of the group among those that were asked for.
Json filter_json(const std::string& key, const Query& query) {
  Json filter{{"failure", key}};
  for (const char* name : {"since_from", "name", "queue"}) {
    if (!query.text(name).empty()) filter[name] = query.text(name);
  }
  return filter;
}

Json group_json(const std::string& key, const FailureGroup& group, TimePoint now) {
  Json trend = Json::array();
  const auto this_hour = std::chrono::floor<std::chrono::hours>(now);
  for (int back = trend_hours - 1; back >= 0; --back) {
    const auto found = group.by_hour.find(this_hour - std::chrono::hours{back});
    trend.push_back(found == group.by_hour.end() ? 0 : found->second);
  }
  return {{"key", key},
          {"name", group.name},
          {"signature", group.signature},
          {"sample", shorten(group.sample, most_text_bytes)},
          {"sample_job", to_string(group.sample_job)},
          {"count", group.count},
          {"first", to_string(group.first)},
          {"last", to_string(group.last)},
          {"trend", std::move(trend)}};
}

HttpResponse list(Site& site, const Call& call) {
  call.query.check_names({"since_from", "name", "queue", "cursor"});
  const JobPage page = site.monitoring().list({.state = std::string{state_names::failed},
                                               .queue = call.query.text("queue"),
                                               .name = call.query.text("name"),
                                               .since_from = call.query.instant("since_from"),
                                               .limit = jobs_per_piece,
                                               .cursor = call.query.text("cursor"),
                                               .work_limit = jobs_per_piece});
  FailureGroups groups;
  for (const JobSummary& job : page.jobs) add_failure(groups, job, site.redactor.shown(job.reason));
  const TimePoint now = site.monitoring().now();
  Json array = Json::array();
  for (const auto& [key, group] : groups) {
    Json object = group_json(key, group, now);
    object["filter"] = filter_json(key, call.query);
    array.push_back(std::move(object));
  }
  return json_response(200, {{"groups", std::move(array)},
                             {"next", page.next.empty() ? Json(nullptr) : Json(page.next)},
                             {"examined", page.examined},
                             {"now", to_string(now)}});
}

}  // namespace

void add_failure_routes(std::vector<Route>& routes) {
  routes.push_back({"GET", "failures", Role::viewer, list});
}

}  // namespace portfire::dashboard
