#include <memory>
#include <ostream>

#include <portfire/workflow.hpp>

#include "cli/command_line.hpp"
#include "cli/job_json.hpp"
#include "cli/text.hpp"

namespace portfire::cli {

namespace {

struct GraphWords {
  std::string id;
  std::size_t limit = 1000;
};

Json to_json(const WorkflowGraph& graph) {
  Json steps = Json::array();
  for (const JobDetails& step : graph.steps) steps.push_back(summary_json(step));
  Json edges = Json::array();
  for (const WorkflowGraph::Edge& edge : graph.edges) {
    edges.push_back({{"from", to_string(edge.from)},
                     {"to", to_string(edge.to)},
                     {"argument", edge.argument ? Json(*edge.argument) : Json(nullptr)}});
  }
  return {{"workflow", summary_json(graph.workflow)},
          {"steps", std::move(steps)},
          {"edges", std::move(edges)}};
}

ExitCode show_graph(const GraphWords& given, const Session& session) {
  const JobId id = read_job_id("ID", given.id);
  const auto storage = session.open();
  const auto graph = read_workflow(*storage, id, given.limit);
  if (!graph) {
    session.complain("there is no batch " + to_string(id) + " in " + storage->description() +
                     " (any more)");
    return ExitCode::not_found;
  }
  if (session.json) {
    session.print(to_json(*graph));
  } else {
    session.out() << to_mermaid(*graph);
  }
  return ExitCode::ok;
}

}  // namespace

void add_jobs_graph(CommandLine& line, CLI::App& jobs) {
  auto given = std::make_shared<GraphWords>();
  CLI::App& app = line.command(
      jobs,
      {.name = "graph",
       .description = "Draw a workflow: its steps, their states, and what flows where",
       .examples =
           "  portfire jobs graph $ID > graph.mmd\n"
           "  portfire jobs graph $ID --json | jq '.steps[] | select(.state == \"Failed\")'",
       .notes =
           "Prints Mermaid, which many viewers of Markdown draw. A dotted line is a step that\n"
           "waits for another without taking its result."},
      [given](Session& session) { return show_graph(*given, session); });
  app.add_option("ID", given->id, "Id of the workflow")->required()->type_name("");
  add_number(app, "--limit", given->limit, 1, 100000, "At most so many of the latest steps (1000)");
}

}  // namespace portfire::cli
