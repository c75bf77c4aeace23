#include <memory>
#include <ostream>

#include <portfire/display.hpp>
#include <portfire/error.hpp>

#include "cli/command_line.hpp"
#include "cli/job_json.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

namespace portfire::cli {

namespace {

constexpr std::size_t name_width = 40;
constexpr std::size_t detail_width = 60;

struct ListWords {
  std::string state;
  std::string queue;
  std::string name;
  std::string tag;
  std::string batch;
  std::string since;
  std::string until;
  std::string text;
  std::string reason;
  std::string server;
  std::string duration;
  std::uint32_t attempts = 0;
  std::size_t limit = 20;
  std::string cursor;
};

bool has_filter(const ListWords& given) {
  return !given.state.empty() || !given.queue.empty() || !given.name.empty() ||
         !given.tag.empty() || !given.batch.empty() || !given.since.empty() ||
         !given.until.empty() || !given.text.empty() || !given.reason.empty() ||
         !given.server.empty() || !given.duration.empty() || given.attempts > 0;
}

// States are typed by hand; the built-in ones are recognised in any case.
std::string state_name(std::string typed) {
  using namespace state_names;
  for (const std::string_view name : {enqueued, scheduled, awaiting, processing, succeeded, failed,
                                      deleted, batch_started, batch_succeeded, batch_completed}) {
    if (CLI::detail::to_lower(std::string{name}) == CLI::detail::to_lower(typed)) {
      return std::string{name};
    }
  }
  return typed;
}

JobQuery query_of(const ListWords& given, TimePoint now) {
  JobQuery query{.state = state_name(given.state),
                 .queue = given.queue,
                 .name = given.name,
                 .tag = given.tag,
                 .text = given.text,
                 .reason = given.reason,
                 .attempts_at_least = given.attempts,
                 .limit = given.limit,
                 .cursor = given.cursor};
  if (!given.batch.empty()) query.batch = read_job_id("--batch", given.batch);
  if (!given.since.empty()) query.created_from = read_past("--since", given.since, now);
  if (!given.until.empty()) query.created_before = read_past("--until", given.until, now);
  if (!given.server.empty()) query.server = read_server_id("--server", given.server);
  if (!given.duration.empty()) {
    query.duration_at_least = read_span("--min-duration", given.duration);
  }
  return query;
}

// What one wants to know next about a job in its state.
std::string detail_of(const JobSummary& job, TimePoint now) {
  std::string text;
  if (job.no_handler) text = "no handler";
  if (job.due_at) text = "due " + relative(*job.due_at, now);
  if (job.server) text = "on " + to_string(*job.server);
  if (job.duration && job.kind == StateKind::final) text = "took " + brief(*job.duration);
  if (job.attempt > 0) {
    text += (text.empty() ? "" : ", ") + std::string{"retry "} + std::to_string(job.attempt);
  }
  if (!job.reason.empty()) text += (text.empty() ? "" : ": ") + job.reason;
  return one_line(text, detail_width);
}

void print_table(const JobPage& page, TimePoint now, std::ostream& out) {
  Table table{{{"ID"}, {"STATE"}, {"SINCE"}, {"NAME"}, {"QUEUE"}, {"CREATED"}, {"DETAIL"}}};
  for (const JobSummary& job : page.jobs) {
    table.add({to_string(job.id), one_line(job.state, name_width), relative(job.since, now),
               one_line(display_name(job), name_width), job.queue, absolute(job.created_at),
               detail_of(job, now)});
  }
  if (!table.empty()) table.print(out);
}

void print_for_people(const JobPage& page, const ListWords& given, TimePoint now,
                      const Storage& storage, std::ostream& out) {
  print_table(page, now, out);
  if (!page.next.empty()) {
    if (page.jobs.empty()) out << "None found yet, " << counted(page.examined) << " looked at.\n";
    out << "More: the same command with --cursor " << page.next << '\n';
    return;
  }
  if (!page.jobs.empty()) return;
  if (!given.cursor.empty()) {
    out << "No more jobs.\n";
  } else if (has_filter(given)) {
    out << "No job matches. \"portfire stats\" shows how many there are in each state.\n";
  } else {
    out << "There are no jobs in " << storage.description()
        << ". Create one: portfire enqueue NAME '[\"argument\"]'\n";
  }
}

ExitCode list_jobs(const ListWords& given, const Session& session) {
  const auto storage = session.open();
  const TimePoint now = storage->monitoring().now();
  const JobPage page = storage->monitoring().list(query_of(given, now));
  if (!session.json) {
    print_for_people(page, given, now, *storage, session.out());
    return ExitCode::ok;
  }
  Json jobs = Json::array();
  for (const JobSummary& job : page.jobs) jobs.push_back(summary_json(job));
  session.print({{"jobs", std::move(jobs)},
                 {"next", page.next.empty() ? Json(nullptr) : Json(page.next)},
                 {"examined", page.examined}});
  return ExitCode::ok;
}

}  // namespace

void add_jobs_list(CommandLine& line, CLI::App& jobs) {
  auto given = std::make_shared<ListWords>();
  CLI::App& app = line.command(
      jobs,
      {.name = "list",
       .description = "List jobs; without --state the newest first",
       .examples = "  portfire jobs list\n"
                   "  portfire jobs list --state Failed --since 2h\n"
                   "  portfire jobs list --queue mail --state Enqueued --limit 50\n"
                   "  portfire jobs list --batch $ID --state Failed\n"
                   "  portfire jobs list --text ann@example.com --min-duration 2s\n"
                   "  portfire jobs list --name mail.send --json | jq -r '.jobs[].id'"},
      [given](Session& session) { return list_jobs(*given, session); });
  app.add_option("--state", given->state,
                 "Enqueued, Scheduled, Awaiting, Processing, Succeeded, Failed, Deleted, "
                 "BatchStarted, BatchSucceeded, BatchCompleted, or one of your own")
      ->type_name("STATE");
  app.add_option("--queue", given->queue, "Only of this queue")->type_name("NAME");
  app.add_option("--name", given->name, "Only jobs of this name")->type_name("NAME");
  app.add_option("--tag", given->tag, "Only jobs with this tag")->type_name("TAG");
  app.add_option("--batch", given->batch, "Only members of this batch")->type_name("ID");
  app.add_option("--since", given->since, "Created at or after; an instant, or 2h for 2h ago")
      ->type_name("WHEN");
  app.add_option("--until", given->until, "Created before; as --since")->type_name("WHEN");
  app.add_option("--text", given->text, "Only with this in their arguments, in either case")
      ->type_name("TEXT");
  app.add_option("--reason", given->reason, "Only with this in the reason of their state")
      ->type_name("TEXT");
  app.add_option("--server", given->server, "Only those that this server runs")->type_name("ID");
  app.add_option("--min-duration", given->duration, "Only if the last run took so long: 500ms, 2m")
      ->type_name("SPAN");
  constexpr int most_attempts = 1'000'000;
  add_number(app, "--attempts", given->attempts, 1, most_attempts,
             "Only with so many attempts spent, or more");
  add_number(app, "--limit", given->limit, 1, 1000, "At most so many, 1 to 1000 (20)");
  app.add_option("--cursor", given->cursor, "Go on where the last page said")->type_name("TEXT");
}

}  // namespace portfire::cli
