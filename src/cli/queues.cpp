#include <memory>
#include <ostream>

#include "cli/command_line.hpp"
#include "cli/somebody.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "views/overview_json.hpp"

namespace portfire::cli {

namespace {

constexpr std::size_t reason_width = 60;

std::string status_of(const QueueSettings& settings) {
  if (!settings.paused) return "open";
  std::string text = "paused";
  if (!settings.paused_by.empty()) text += " by " + settings.paused_by;
  if (!settings.pause_reason.empty()) text += ": " + settings.pause_reason;
  return one_line(text, reason_width);
}

ExitCode list_queues(const Session& session) {
  const auto storage = session.open();
  const auto queues = storage->monitoring().queues();
  if (session.json) {
    Json array = Json::array();
    for (const QueueSummary& queue : queues) array.push_back(views::queue_json(queue));
    session.print({{"queues", std::move(array)}});
    return ExitCode::ok;
  }
  if (queues.empty()) {
    session.out() << "No queue holds a job or has settings. Queues come into being by use:\n"
                     "  portfire enqueue NAME --queue mail\n";
    return ExitCode::ok;
  }
  const TimePoint now = storage->monitoring().now();
  using enum Table::Align;
  Table table{{{"QUEUE"},
               {"READY", right},
               {"NO HANDLER", right},
               {"RUNNING", right},
               {"OLDEST"},
               {"STATUS"}}};
  for (const QueueSummary& queue : queues) {
    table.add({queue.name, counted(queue.ready), counted(queue.no_handler), counted(queue.running),
               queue.oldest_ready ? relative(*queue.oldest_ready, now) : "",
               status_of(queue.settings)});
  }
  table.print(session.out());
  return ExitCode::ok;
}

ExitCode report(const Session& session, const std::string& queue, bool paused) {
  if (session.json) {
    session.print({{"queue", queue}, {"paused", paused}});
  } else {
    session.out() << "Queue " << queue
                  << (paused ? " is paused: no server takes jobs from it.\n" : " is open.\n");
  }
  return ExitCode::ok;
}

void add_list(CommandLine& line, CLI::App& queues) {
  line.command(queues,
               {.name = "list",
                .description = "List the queues with what waits and runs in them",
                .examples = "  portfire queues list\n"
                            "  portfire queues list --json | jq '.queues[] | select(.paused)'",
                .notes = "NO HANDLER counts the ready jobs whose name no server knows; they wait "
                         "for one that does."},
               list_queues);
}

void add_pause(CommandLine& line, CLI::App& queues) {
  struct QueueWords {
    std::string queue;
    std::string by = somebody();
    std::string reason;
  };
  auto given = std::make_shared<QueueWords>();
  CLI::App& app =
      line.command(queues,
                   {.name = "pause",
                    .description = "Stop all servers from taking jobs of a queue",
                    .examples = "  portfire queues pause mail --reason 'the relay is down'",
                    .notes = "Jobs that are running go on; jobs can still be enqueued."},
                   [given](Session& session) {
                     session.client().pause_queue(given->queue, given->by, given->reason);
                     return report(session, given->queue, true);
                   });
  app.add_option("QUEUE", given->queue, "Name of the queue")->required()->type_name("");
  app.add_option("--reason", given->reason, "Shown to people")->type_name("TEXT");
  app.add_option("--by", given->by, "Who did it (you)")->type_name("TEXT");
}

void add_resume(CommandLine& line, CLI::App& queues) {
  auto queue = std::make_shared<std::string>();
  CLI::App& app = line.command(queues,
                               {.name = "resume",
                                .description = "Open a paused queue again",
                                .examples = "  portfire queues resume mail"},
                               [queue](Session& session) {
                                 session.client().resume_queue(*queue);
                                 return report(session, *queue, false);
                               });
  app.add_option("QUEUE", *queue, "Name of the queue")->required()->type_name("");
}

}  // namespace

void add_queues(CommandLine& line) {
  CLI::App& queues = line.group("queues", "List, pause or resume queues");
  add_list(line, queues);
  add_pause(line, queues);
  add_resume(line, queues);
}

}  // namespace portfire::cli
