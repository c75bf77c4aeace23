// Jobs to be seen: lists, one job, its log, its relatives.

#include <portfire/display.hpp>

#include "dashboard/api/ids.hpp"
#include "dashboard/explanation.hpp"
#include "dashboard/job_json.hpp"
#include "dashboard/job_search.hpp"
#include "dashboard/relatives.hpp"
#include "dashboard/router.hpp"
#include "model/rules.hpp"

namespace portfire::dashboard {

namespace {

// Of one answer. A search that looks into the jobs themselves costs more for each.
constexpr std::size_t work_limit = 20000;
constexpr std::size_t deep_work_limit = 4000;

bool looks_inside(const JobSearch& filter) {
  const JobQuery& query = filter.query;
  return !filter.failure.empty() || !query.text.empty() || !query.reason.empty() || query.server ||
         query.duration_at_least || query.duration_at_most || query.attempts_at_least > 0;
}

HttpResponse list(Site& site, const Call& call) {
  auto names = filter_names();
  names.insert(names.end(), {"limit", "cursor"});
  call.query.check_names(names);
  const JobSearch filter = read_search(call.query, site.redactor);
  const auto limit = static_cast<std::size_t>(call.query.number("limit", 20, 1, 1000));
  const JobPage page =
      list_jobs(site.monitoring(), site.redactor, filter, call.query.text("cursor"), limit,
                looks_inside(filter) ? deep_work_limit : work_limit);
  Json jobs = Json::array();
  for (const JobSummary& job : page.jobs) jobs.push_back(summary_json(job, site.redactor));
  return json_response(200, {{"jobs", std::move(jobs)},
                             {"next", page.next.empty() ? Json(nullptr) : Json(page.next)},
                             {"examined", page.examined},
                             {"now", to_string(site.monitoring().now())}});
}

Json sections_json(const Site& site, const JobDetails& job) {
  Json sections = Json::array();
  if (!site.options.sections) return sections;
  for (const DashboardSection& section : site.options.sections(job)) {
    sections.push_back({{"title", section.title}, {"text", site.redactor.shown(section.text)}});
  }
  return sections;
}

bool is_workflow(Site& site, const JobDetails& job) {
  // A step of a workflow names the steps before it; the first page of members has one that does.
  if (!job.members) return false;
  for (const JobSummary& member : site.monitoring().list({.batch = job.id, .limit = 20}).jobs) {
    if (member.parameters.contains(rules::parents_parameter)) return true;
  }
  return false;
}

HttpResponse show(Site& site, const Call& call) {
  call.query.check_names({});
  const JobId id = id_in_path<JobId>(call.captured.at(0));
  const auto job = site.monitoring().job(id);
  if (!job) throw no_such_job(call.captured.at(0));
  const Overview::Snapshot snapshot = site.overview->latest();
  const Surroundings around{.now = site.monitoring().now(),
                            .queues = snapshot.reading->queues,
                            .servers = snapshot.reading->servers};
  Json object = details_json(*job, site.redactor);
  object["parents"] = parents_json(site.monitoring(), *job);
  object["children"] = children_json(site.monitoring(), *job);
  const auto left = time_left(*job, around.now);
  object["time_left_us"] = left ? Json(left->count()) : Json(nullptr);
  object["is_workflow"] = is_workflow(site, *job);
  object["server_name"] = nullptr;
  for (const ServerSummary& server : around.servers) {
    if (job->server == server.info.id) object["server_name"] = server.info.name;
  }
  Json explanation = Json::array();
  for (const std::string& sentence : explain(*job, around)) {
    explanation.push_back(site.redactor.shown(sentence));
  }
  object["explanation"] = std::move(explanation);
  object["sections"] = sections_json(site, *job);
  object["now"] = to_string(around.now);
  return json_response(200, object);
}

HttpResponse show_log(Site& site, const Call& call) {
  call.query.check_names({"after", "limit"});
  const JobId id = id_in_path<JobId>(call.captured.at(0));
  constexpr std::uint64_t most = 1'000'000'000'000'000'000;
  const auto after = call.query.number("after", 0, 0, most);
  const auto limit = static_cast<std::size_t>(call.query.number("limit", 500, 1, 5000));
  return json_response(
      200, {{"lines", log_json(site.monitoring().log(id, after, limit), site.redactor)}});
}

HttpResponse show_graph(Site& site, const Call& call) {
  call.query.check_names({});
  const JobId id = id_in_path<JobId>(call.captured.at(0));
  const auto graph = graph_json(*site.storage, id, site.redactor);
  if (!graph) throw no_such_job(call.captured.at(0));
  return json_response(200, *graph);
}

}  // namespace

void add_job_routes(std::vector<Route>& routes) {
  routes.push_back({"GET", "jobs", Role::viewer, list});
  routes.push_back({"GET", "jobs/{id}", Role::viewer, show});
  routes.push_back({"GET", "jobs/{id}/log", Role::viewer, show_log});
  routes.push_back({"GET", "jobs/{id}/graph", Role::viewer, show_graph});
}

}  // namespace portfire::dashboard
