#include <memory>
#include <ostream>

#include <portfire/error.hpp>
#include <portfire/recurring.hpp>

#include "cli/command_line.hpp"
#include "cli/job_json.hpp"
#include "cli/somebody.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "views/overview_json.hpp"

namespace portfire::cli {

namespace {

constexpr std::size_t page_size = 500;
constexpr std::size_t status_width = 60;

RecurringJobs recurring_on(const Session& session) {
  return RecurringJobs{session.open(), {.log = session.log()}};
}

std::vector<RecurringJob> all_of(RecurringJobs& recurring) {
  std::vector<RecurringJob> all;
  for (;;) {
    auto page = recurring.list({.after = all.empty() ? "" : all.back().id, .limit = page_size});
    const bool is_last = page.size() < page_size;
    all.insert(all.end(), std::make_move_iterator(page.begin()),
               std::make_move_iterator(page.end()));
    if (is_last) return all;
  }
}

std::string status_of(const RecurringJob& job) {
  if (!job.error.empty()) return one_line("error: " + job.error, status_width);
  if (!job.paused) return job.next ? "waits" : "never";
  std::string text = "paused";
  if (!job.paused_by.empty()) text += " by " + job.paused_by;
  if (job.paused_until) text += " until " + absolute(*job.paused_until);
  if (!job.pause_reason.empty()) text += ": " + job.pause_reason;
  return one_line(text, status_width);
}

Json recurring_json(const RecurringJob& job) {
  Json object = views::recurring_json(job);
  object["arguments"] = stored_json(job.arguments);
  return object;
}

ExitCode list_recurring(const Session& session) {
  RecurringJobs recurring = recurring_on(session);
  const std::vector<RecurringJob> jobs = all_of(recurring);
  if (session.json) {
    Json array = Json::array();
    for (const RecurringJob& job : jobs) array.push_back(recurring_json(job));
    session.print({{"recurring", std::move(array)}});
    return ExitCode::ok;
  }
  if (jobs.empty()) {
    session.out() << "There is no recurring job. Programs add theirs when they start; by hand:\n"
                     "  portfire recurring add nightly '0 3 * * *' tidy.up\n";
    return ExitCode::ok;
  }
  const TimePoint now = session.open()->monitoring().now();
  using enum Table::Align;
  Table table{{{"ID"}, {"SCHEDULE"}, {"ZONE"}, {"JOB"}, {"NEXT"}, {"RUNS", right}, {"STATUS"}}};
  for (const RecurringJob& job : jobs) {
    table.add({job.id, job.schedule.text(), job.options.zone, job.job_name,
               job.next ? relative(*job.next, now) : "", counted(job.runs), status_of(job)});
  }
  table.print(session.out());
  return ExitCode::ok;
}

ExitCode done(const Session& session, const std::string& id, const char* what, bool found) {
  if (session.json) session.print({{"id", id}, {"status", found ? what : "not_found"}});
  if (!found) {
    session.complain("there is no recurring job \"" + id + "\"; see portfire recurring list");
    return ExitCode::not_found;
  }
  if (!session.json) session.out() << id << "  " << what << '\n';
  return ExitCode::ok;
}

void add_list(CommandLine& line, CLI::App& group) {
  line.command(group,
               {.name = "list",
                .description = "List the recurring jobs, when they come next and how they stand",
                .examples = "  portfire recurring list\n"
                            "  portfire recurring list --json | jq '.recurring[] | .next'"},
               list_recurring);
}

struct AddedWords {
  std::string id;
  std::string schedule;
  std::string job;
  std::string arguments = "[]";
  std::string zone = "UTC";
  std::string queue;
  std::string misfire = "relaxed";
  std::string overlap = "allow";
};

template <class Enum>
std::vector<std::string> words_of(std::initializer_list<Enum> choices) {
  std::vector<std::string> words;
  for (const Enum choice : choices) words.emplace_back(to_string(choice));
  return words;
}

ExitCode add_or_update(const AddedWords& given, const Session& session) {
  const RecurringOptions options{.zone = given.zone,
                                 .misfire = *parse_misfire(given.misfire),
                                 .overlap = *parse_overlap(given.overlap),
                                 .job = {.queue = given.queue}};
  const auto update = recurring_on(session).add_or_update_raw(
      given.id, Schedule::parse(given.schedule), options, given.job, given.arguments);
  using enum RecurringJobs::Update;
  return done(session, given.id,
              update == added     ? "added"
              : update == changed ? "changed"
                                  : "unchanged",
              true);
}

void add_add(CommandLine& line, CLI::App& group) {
  auto given = std::make_shared<AddedWords>();
  CLI::App& app = line.command(
      group,
      {.name = "add",
       .description = "Add a recurring job, or change the one of that id",
       .examples = "  portfire recurring add digest '0 8 * * MON-FRI' mail.digest "
                   "--zone Europe/Paris\n"
                   "  portfire recurring add poll 'every 90s' feed.poll '[\"news\"]' "
                   "--overlap skip",
       .notes = "One that says the same already is left alone. A definition that a program adds at "
                "its start under the same id replaces this one."},
      [given](Session& session) { return add_or_update(*given, session); });
  app.add_option("ID", given->id, "Its name")->required()->type_name("");
  app.add_option("SCHEDULE", given->schedule, "A cron expression, or every SPAN")
      ->required()
      ->type_name("");
  app.add_option("JOB", given->job, "Name of the job")->required()->type_name("");
  app.add_option("ARGUMENTS", given->arguments, "A JSON array ([])")->type_name("");
  app.add_option("--zone", given->zone, "Time zone of the expression (UTC)")->type_name("ZONE");
  app.add_option("--queue", given->queue, "Queue of its jobs (default)")->type_name("NAME");
  add_choice(app, "--misfire", given->misfire,
             words_of({Misfire::relaxed, Misfire::strict, Misfire::ignorable}),
             "What becomes of occurrences that no server was there for (relaxed)");
  add_choice(
      app, "--overlap", given->overlap,
      words_of({Overlap::allow, Overlap::skip, Overlap::queue_one, Overlap::cancel_previous}),
      "What happens while an earlier job has not ended (allow)");
}

void add_pause(CommandLine& line, CLI::App& group) {
  struct PauseWords {
    std::string id;
    std::string by = somebody();
    std::string reason;
    std::string until;
  };
  auto given = std::make_shared<PauseWords>();
  CLI::App& app = line.command(group,
                               {.name = "pause",
                                .description = "Let its occurrences pass without a job",
                                .examples = "  portfire recurring pause digest --reason holidays "
                                            "--until 2027-01-07T00:00:00Z"},
                               [given](Session& session) {
                                 PauseOptions options{.by = given->by, .reason = given->reason};
                                 if (!given->until.empty())
                                   options.until = read_instant("--until", given->until);
                                 return done(session, given->id, "paused",
                                             recurring_on(session).pause(given->id, options));
                               });
  app.add_option("ID", given->id, "Of the recurring job")->required()->type_name("");
  app.add_option("--reason", given->reason, "Shown to people")->type_name("TEXT");
  app.add_option("--by", given->by, "Who did it (you)")->type_name("TEXT");
  app.add_option("--until", given->until, "When it goes on by itself")->type_name("INSTANT");
}

ExitCode trigger(const std::string& id, const Session& session) {
  RecurringJobs recurring = recurring_on(session);
  if (!recurring.find(id)) return done(session, id, "triggered", false);
  const Creation creation = recurring.trigger(id);
  if (session.json) {
    session.print({{"id", id},
                   {"status", creation.created() ? "triggered" : "rejected"},
                   {"job", creation.id ? Json(to_string(creation.id)) : Json(nullptr)},
                   {"reason", creation.reason}});
  } else if (creation.created()) {
    session.out() << to_string(creation.id) << '\n';
  }
  if (creation.created()) return ExitCode::ok;
  session.complain("nothing was created: " + creation.reason);
  return ExitCode::failed;
}

// A command on one recurring job, without options.
void add_simple(CommandLine& line, CLI::App& group, const CommandText& text,
                std::function<ExitCode(const std::string&, const Session&)> body) {
  auto id = std::make_shared<std::string>();
  CLI::App& app = line.command(
      group, text, [id, body = std::move(body)](Session& session) { return body(*id, session); });
  app.add_option("ID", *id, "Of the recurring job")->required()->type_name("");
}

}  // namespace

void add_recurring(CommandLine& line) {
  CLI::App& group =
      line.group("recurring", "List, add, trigger, pause, resume or remove recurring jobs");
  add_list(line, group);
  add_add(line, group);
  add_simple(line, group,
             {.name = "trigger",
              .description = "Create its job now; the schedule stays as it is",
              .examples = "  portfire recurring trigger digest"},
             trigger);
  add_pause(line, group);
  add_simple(line, group,
             {.name = "resume",
              .description = "End a pause; what passed meanwhile was not missed",
              .examples = "  portfire recurring resume digest"},
             [](const std::string& id, const Session& session) {
               return done(session, id, "resumed", recurring_on(session).resume(id));
             });
  add_simple(line, group,
             {.name = "remove",
              .description = "Remove it; jobs that it has created stay",
              .examples = "  portfire recurring remove digest"},
             [](const std::string& id, const Session& session) {
               return done(session, id, "removed", recurring_on(session).remove(id));
             });
}

}  // namespace portfire::cli
