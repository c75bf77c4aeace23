#include <memory>
#include <ostream>

#include "cli/command_line.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "views/overview_json.hpp"

namespace portfire::cli {

namespace {

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

std::string heartbeat_of(const ServerSummary& server, TimePoint now) {
  const std::string text =
      relative(server.heartbeat_at, now) + (server.stopping ? ", stopping" : "");
  return now - server.heartbeat_at > server.info.lease ? text + ", overdue" : text;
}

ExitCode list_servers(const Session& session) {
  const auto storage = session.open();
  const auto servers = storage->monitoring().servers();
  const TimePoint now = storage->monitoring().now();
  if (session.json) {
    Json array = Json::array();
    for (const ServerSummary& server : servers) array.push_back(views::server_json(server));
    session.print({{"servers", std::move(array)}, {"now", to_string(now)}});
    return ExitCode::ok;
  }
  if (servers.empty()) {
    session.out() << "No server is running on " << storage->description()
                  << "; jobs wait until a program starts one.\n";
    return ExitCode::ok;
  }
  constexpr std::size_t text_width = 60;
  using enum Table::Align;
  Table table{{{"ID"},
               {"NAME"},
               {"WORKERS", right},
               {"RUNNING", right},
               {"STARTED"},
               {"HEARTBEAT"},
               {"QUEUES"},
               {"JOBS"}}};
  for (const ServerSummary& server : servers) {
    table.add({to_string(server.info.id), one_line(server.info.name, text_width),
               counted(server.info.workers), counted(server.running), both(server.started_at, now),
               heartbeat_of(server, now), one_line(joined(server.info.queues), text_width),
               one_line(joined(server.info.job_names), text_width)});
  }
  table.print(session.out());
  return ExitCode::ok;
}

ExitCode stop_servers(const std::vector<std::string>& given, const Session& session) {
  std::vector<ServerId> ids;
  for (const std::string& text : given) ids.push_back(read_server_id("ID", text));
  const auto storage = session.open();
  ExitCode code = ExitCode::ok;
  Json results = Json::array();
  for (const ServerId id : ids) {
    const bool asked = storage->coordination().ask_to_stop(id);
    if (!asked) {
      session.complain("there is no server " + to_string(id) + " (any more)");
      code = ExitCode::not_found;
    } else if (!session.json) {
      session.out() << "Server " << to_string(id) << " is asked to stop.\n";
    }
    results.push_back({{"id", to_string(id)}, {"asked", asked}});
  }
  if (session.json) session.print({{"servers", std::move(results)}});
  return code;
}

}  // namespace

void add_servers(CommandLine& line) {
  CLI::App& servers = line.command(
      line.root(),
      {.name = "servers",
       .description = "List the servers that are running, with their last sign of life",
       .examples = "  portfire servers\n"
                   "  portfire servers --json | jq '.servers | length'"},
      list_servers);
  auto ids = std::make_shared<std::vector<std::string>>();
  CLI::App& stop = line.command(
      servers,
      {.name = "stop",
       .description = "Ask servers to stop, as SIGTERM does",
       .examples = "  portfire servers stop $ID",
       .notes = "Running jobs get the time that their server gives them. The exit code is 4 if one "
                "of the\nservers does not exist."},
      [ids](Session& session) { return stop_servers(*ids, session); });
  stop.add_option("ID", *ids, "Ids of the servers")->required()->type_name("");
}

}  // namespace portfire::cli
