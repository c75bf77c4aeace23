#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include <portfire/workflow.hpp>

#include "client/step_inputs.hpp"
#include "model/rules.hpp"

namespace portfire {

namespace {

std::vector<JobDetails> read_steps(Monitoring& monitoring, BatchId id, std::size_t most) {
  constexpr std::size_t page_size = 1000;
  std::vector<JobDetails> steps;
  JobQuery query{.batch = id, .limit = std::min(page_size, most)};
  do {
    const JobPage page = monitoring.list(query);
    for (const JobSummary& summary : page.jobs) {
      if (steps.size() == most) break;
      if (auto step = monitoring.job(summary.id)) steps.push_back(std::move(*step));
    }
    query.cursor = page.next;
  } while (!query.cursor.empty() && steps.size() < most);
  std::ranges::reverse(steps);  // pages are newest first
  return steps;
}

void add_edges(const JobDetails& step, std::vector<WorkflowGraph::Edge>& edges) {
  const std::vector<JobId> parents = parents_of(step.parameters);
  std::multimap<std::size_t, std::size_t> arguments;  // by the parent whose result it takes
  for (const StepInput& input : inputs_of(step.parameters)) {
    for (const std::size_t parent : input.parents) arguments.emplace(parent, input.argument);
  }
  for (std::size_t parent = 0; parent < parents.size(); ++parent) {
    const auto [first, last] = arguments.equal_range(parent);
    if (first == last) edges.push_back({parents[parent], step.id});
    for (auto at = first; at != last; ++at) {
      edges.push_back({parents[parent], step.id, at->second});
    }
  }
}

// Between quotes, where Mermaid takes entities by name.
std::string quoted(const std::string& text) {
  std::string all;
  for (const char c : text) {
    switch (c) {
      case '"': all += "#quot;"; break;
      case '#': all += "#35;"; break;
      case '<': all += "#lt;"; break;
      case '>': all += "#gt;"; break;
      default: all += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
  }
  return all;
}

// What its colour says.
std::string_view class_of(const JobDetails& step) {
  if (step.state == state_names::succeeded || step.state == state_names::batch_succeeded) {
    return "succeeded";
  }
  switch (step.kind) {
    case StateKind::running: return "running";
    case StateKind::parked: return "failed";
    case StateKind::final: return "deleted";
    default: return "waiting";
  }
}

constexpr std::string_view colours =
    "  classDef succeeded fill:#d1f0d9,stroke:#2e7d4f,color:#14301f\n"
    "  classDef running fill:#d6e6fb,stroke:#2f6fb7,color:#10263f\n"
    "  classDef failed fill:#fbd9d6,stroke:#b7362f,color:#3f1310\n"
    "  classDef deleted fill:#e4e4e4,stroke:#777777,color:#333333\n"
    "  classDef waiting fill:#fff3d1,stroke:#b58a1c,color:#3a2d08\n";

}  // namespace

std::optional<WorkflowGraph> read_workflow(Storage& storage, BatchId id, std::size_t most_steps) {
  Monitoring& monitoring = storage.monitoring();
  auto workflow = monitoring.job(id);
  if (!workflow || !workflow->members) return std::nullopt;
  WorkflowGraph graph{.workflow = std::move(*workflow),
                      .steps = read_steps(monitoring, id, most_steps)};
  for (const JobDetails& step : graph.steps) add_edges(step, graph.edges);
  return graph;
}

std::string to_mermaid(const WorkflowGraph& graph) {
  std::string text = "flowchart LR\n";
  std::unordered_map<JobId, std::string> nodes;
  for (const JobDetails& step : graph.steps) {
    const std::string node = "s" + std::to_string(nodes.size());
    nodes.emplace(step.id, node);
    text += "  " + node + "[\"" + quoted(step.name) + "<br/>" + quoted(step.state) +
            "\"]:::" + std::string{class_of(step)} + '\n';
  }
  for (const WorkflowGraph::Edge& edge : graph.edges) {
    // One that waits for something outside, or whose parent is no longer kept.
    const auto [from, is_new] = nodes.emplace(edge.from, "s" + std::to_string(nodes.size()));
    if (is_new) text += "  " + from->second + "[\"" + to_string(edge.from) + "\"]\n";
    text += "  " + from->second;
    text += edge.argument ? " -->|argument " + std::to_string(*edge.argument + 1) + "| " : " -.-> ";
    text += nodes.at(edge.to) + '\n';
  }
  return text.append(colours);
}

}  // namespace portfire
