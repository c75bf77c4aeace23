#include "dashboard/relatives.hpp"

#include <deque>
#include <set>

#include <portfire/workflow.hpp>

#include "dashboard/job_json.hpp"

namespace portfire::dashboard {

namespace {

constexpr std::size_t most_nodes = 200;
constexpr std::size_t most_relatives = 100;

Json edge_json(JobId from, JobId to, std::optional<std::size_t> argument, Json on) {
  return {{"from", to_string(from)},
          {"to", to_string(to)},
          {"argument", argument ? Json(*argument) : Json(nullptr)},
          {"on", std::move(on)}};
}

Json of_batch(const WorkflowGraph& graph, const Redactor& redactor, bool cut) {
  Json nodes = Json::array();
  for (const JobDetails& step : graph.steps) nodes.push_back(summary_json(step, redactor));
  Json edges = Json::array();
  for (const WorkflowGraph::Edge& edge : graph.edges) {
    edges.push_back(edge_json(edge.from, edge.to, edge.argument, nullptr));
  }
  return {{"nodes", std::move(nodes)}, {"edges", std::move(edges)}, {"cut", cut}};
}

// Breadth first over what jobs still wait for.
Json of_job(Monitoring& monitoring, const JobDetails& start, const Redactor& redactor) {
  Json nodes = Json::array();
  Json edges = Json::array();
  std::deque<JobId> open{start.id};
  std::set<JobId> seen{start.id};
  bool cut = false;
  const auto meet = [&](JobId id) {
    if (seen.contains(id)) return;
    if (seen.size() == most_nodes) {
      cut = true;
      return;
    }
    seen.insert(id);
    open.push_back(id);
  };
  for (; !open.empty(); open.pop_front()) {
    const auto job = open.front() == start.id ? start : monitoring.job(open.front());
    if (!job) continue;
    nodes.push_back(summary_json(*job, redactor));
    for (const Parent& parent : job->parents) {
      edges.push_back(edge_json(parent.job, job->id, std::nullopt, to_string(parent.on)));
      meet(parent.job);
    }
    for (const JobId child : job->children) meet(child);
  }
  return {{"nodes", std::move(nodes)}, {"edges", std::move(edges)}, {"cut", cut}};
}

Json relative_json(Monitoring& monitoring, JobId id, bool ask) {
  const auto job = ask ? monitoring.job(id) : std::nullopt;
  Json object{{"id", to_string(id)}};
  object["state"] = job ? Json(job->state) : Json(nullptr);
  object["name"] = job ? Json(job->name) : Json(nullptr);
  return object;
}

}  // namespace

std::optional<Json> graph_json(Storage& storage, JobId id, const Redactor& redactor) {
  const auto job = storage.monitoring().job(id);
  if (!job) return std::nullopt;
  if (!job->members) return of_job(storage.monitoring(), *job, redactor);
  const auto graph = read_workflow(storage, id, most_nodes);
  if (!graph) return std::nullopt;
  return of_batch(*graph, redactor, job->members->total > graph->steps.size());
}

Json parents_json(Monitoring& monitoring, const JobDetails& job) {
  Json array = Json::array();
  for (const Parent& parent : job.parents) {
    Json object = relative_json(monitoring, parent.job, array.size() < most_relatives);
    object["on"] = to_string(parent.on);
    array.push_back(std::move(object));
  }
  return array;
}

Json children_json(Monitoring& monitoring, const JobDetails& job) {
  Json array = Json::array();
  for (const JobId child : job.children) {
    if (array.size() == most_relatives) break;
    array.push_back(relative_json(monitoring, child, true));
  }
  return array;
}

}  // namespace portfire::dashboard
