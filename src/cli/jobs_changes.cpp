// `jobs requeue`, `jobs move`, `jobs delete` and `jobs reschedule`: one change each, for several
// jobs.

#include <functional>
#include <memory>
#include <ostream>

#include <portfire/error.hpp>

#include "cli/command_line.hpp"
#include "cli/text.hpp"

namespace portfire::cli {

namespace {

struct ChangeWords {
  std::vector<std::string> ids;
  std::string from;
  std::string reason;
  std::string delay;
  std::string at;
  std::string queue;
};

using Verb = std::function<Change(Client&, JobId, const ChangeWords&, const ChangeOptions&)>;

ExitCode code_of(Change::Status status) {
  if (status == Change::Status::not_found) return ExitCode::not_found;
  return status == Change::Status::changed ? ExitCode::ok : ExitCode::failed;
}

void tell(const Session& session, JobId id, const Change& change, const std::string& from) {
  switch (change.status) {
    case Change::Status::changed:
      if (!session.json) session.out() << to_string(id) << "  " << change.state << '\n';
      return;
    case Change::Status::redirected:
      session.complain("job " + to_string(id) + ": a filter sent it to " + change.state);
      return;
    case Change::Status::not_found:
      session.complain("there is no job " + to_string(id) + " (any more)");
      return;
    case Change::Status::state_mismatch:
      session.complain("job " + to_string(id) + " is " + change.state +
                       (from.empty() || from == change.state ? "" : ", not " + from) +
                       "; it was left alone");
      return;
    case Change::Status::is_batch:
      session.complain("job " + to_string(id) +
                       " is a batch, which cannot be run or put off; change its members, see "
                       "\"portfire jobs list --batch\"");
      return;
  }
}

ExitCode change_jobs(const ChangeWords& given, const Verb& verb, const Session& session) {
  const auto ids = read_job_ids("ID", given.ids);
  const ChangeOptions options{.from = given.from, .reason = given.reason};
  Client client = session.client();
  ExitCode code = ExitCode::ok;
  Json results = Json::array();
  for (const JobId id : ids) {
    const Change change = verb(client, id, given, options);
    tell(session, id, change, given.from);
    code = worse(code, code_of(change.status));
    results.push_back({{"id", to_string(id)},
                       {"status", to_string(change.status)},
                       {"state", change.state.empty() ? Json(nullptr) : Json(change.state)}});
  }
  if (session.json) session.print({{"jobs", std::move(results)}});
  return code;
}

CLI::App& add_change(CommandLine& line, CLI::App& jobs, const CommandText& text,
                     const std::shared_ptr<ChangeWords>& given, Verb verb) {
  CLI::App& app = line.command(jobs, text, [given, verb = std::move(verb)](Session& session) {
    return change_jobs(*given, verb, session);
  });
  app.add_option("ID", given->ids, "Ids of the jobs")->required()->type_name("");
  app.add_option("--from", given->from, "Only if the job is in this state")->type_name("STATE");
  app.add_option("--reason", given->reason, "Shown in the history")->type_name("TEXT");
  return app;
}

void add_reschedule(CommandLine& line, CLI::App& jobs) {
  auto given = std::make_shared<ChangeWords>();
  const Verb verb = [](Client& client, JobId id, const ChangeWords& how,
                       const ChangeOptions& options) {
    return how.at.empty() ? client.reschedule(id, read_span("--delay", how.delay), options)
                          : client.reschedule(id, read_instant("--at", how.at), options);
  };
  CLI::App& app = add_change(line, jobs,
                             {.name = "reschedule",
                              .description = "Put jobs off, from any state",
                              .examples = "  portfire jobs reschedule $ID --delay 1h\n"
                                          "  portfire jobs reschedule $ID --at "
                                          "2026-11-21T09:00:00Z --from Enqueued"},
                             given, verb);
  auto* when = app.add_option_group("When", "One of");
  when->add_option("--delay", given->delay, "This long from now: 10m, 1h30m")->type_name("SPAN");
  when->add_option("--at", given->at, "At this instant: 2026-11-21T09:00:00Z")
      ->type_name("INSTANT");
  when->require_option(1);
}

void add_move(CommandLine& line, CLI::App& jobs) {
  auto given = std::make_shared<ChangeWords>();
  CLI::App& app = add_change(
      line, jobs,
      {.name = "move",
       .description = "Send jobs that are ready or scheduled to another queue",
       .examples = "  portfire jobs move $ID --queue slow\n"
                   "  portfire jobs list --queue mail --json | jq -r '.jobs[].id' | xargs -r "
                   "portfire jobs move --queue slow",
       .notes = "A ready job goes to the tail of that queue; a scheduled one keeps its instant."},
      given, [](Client& client, JobId id, const ChangeWords& how, const ChangeOptions& options) {
        return client.move_to_queue(id, how.queue, options);
      });
  app.add_option("--queue", given->queue, "Where to")->required()->type_name("NAME");
}

}  // namespace

void add_jobs_changes(CommandLine& line, CLI::App& jobs) {
  const std::string partly =
      "Each job is changed by itself. The exit code is 4 if one does not exist, otherwise 1 if one "
      "was\nnot changed.";
  add_change(line, jobs,
             {.name = "requeue",
              .description = "Send jobs to the tail of their queues, with a new count of attempts",
              .examples = "  portfire jobs requeue $ID\n"
                          "  portfire jobs requeue $ID --from Failed --reason 'the disk is back'\n"
                          "  portfire jobs list --state Failed --json | jq -r '.jobs[].id' | "
                          "xargs -r portfire jobs requeue",
              .notes = "A running job is taken from its worker, which is told to stop.\n" + partly},
             std::make_shared<ChangeWords>(),
             [](Client& client, JobId id, const ChangeWords&, const ChangeOptions& options) {
               return client.requeue(id, options);
             });
  add_change(line, jobs,
             {.name = "delete",
              .description = "Move jobs to Deleted; running ones are told to stop",
              .examples = "  portfire jobs delete $ID\n"
                          "  portfire jobs delete $ID $OTHER --reason 'sent twice'",
              .notes = "A deleted job can be requeued until its retention has passed.\n" + partly},
             std::make_shared<ChangeWords>(),
             [](Client& client, JobId id, const ChangeWords&, const ChangeOptions& options) {
               return client.delete_job(id, options);
             });
  add_reschedule(line, jobs);
  add_move(line, jobs);
}

}  // namespace portfire::cli
