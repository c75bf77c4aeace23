#include <iostream>
#include <iterator>
#include <memory>
#include <ostream>

#include <portfire/error.hpp>

#include "cli/command_line.hpp"
#include "cli/text.hpp"

namespace portfire::cli {

namespace {

struct EnqueueWords {
  std::string name;
  std::string arguments = "[]";
  std::string queue;
  int priority = unset;
  std::string delay;
  std::string at;
  std::vector<std::string> after;
  std::string on = "succeeded";
  std::string unique;
  std::string on_duplicate = "reject";
  std::string limit;
  std::uint32_t at_once = 1;
  std::string sequence;
  std::vector<std::string> tags;
  std::string display_name;
  int attempts = unset;
  std::string timeout;
  std::string retention;
  std::vector<std::string> parameters;
};

nlohmann::json parameter_value(const std::string& name, const std::string& text) {
  auto value = nlohmann::json::parse(text, nullptr, false);
  if (!value.is_discarded()) return value;
  throw UsageError{"--param " + name + " is " + text +
                   ", which is not JSON; a text needs quotes, for example --param '" + name +
                   "=\"" + text + "\"'"};
}

CallOptions call_options(const EnqueueWords& given) {
  CallOptions options{.queue = given.queue, .priority = given.priority};
  options.unique.key = given.unique;
  if (given.on_duplicate == "existing") options.unique.on_duplicate = OnDuplicate::use_existing;
  if (given.on_duplicate == "replace") options.unique.on_duplicate = OnDuplicate::replace;
  options.limit = {.key = given.limit, .at_once = given.at_once};
  options.sequence.key = given.sequence;
  options.tags = given.tags;
  options.display_name = given.display_name;
  options.attempts = given.attempts;
  if (!given.timeout.empty()) options.timeout = read_span("--timeout", given.timeout);
  if (!given.retention.empty()) options.retention = read_span("--retention", given.retention);
  for (const std::string& parameter : given.parameters) {
    const auto equals = parameter.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError{"--param is \"" + parameter +
                       "\"; write NAME=JSON, for example --param tenant=42"};
    }
    const std::string name = parameter.substr(0, equals);
    options.parameters[name] = parameter_value(name, parameter.substr(equals + 1));
  }
  return options;
}

Creation create(const EnqueueWords& given, const std::string& arguments, Client& client) {
  auto caller = client.with(call_options(given));
  if (!given.delay.empty()) {
    return caller.schedule_raw(given.name, arguments,
                               states::scheduled(read_span("--delay", given.delay)));
  }
  if (!given.at.empty()) {
    return caller.schedule_raw(given.name, arguments,
                               states::scheduled(read_instant("--at", given.at)));
  }
  if (!given.after.empty()) {
    const Parents parents{parse_condition(given.on).value_or(Condition::succeeded),
                          read_job_ids("--after", given.after)};
    return caller.continue_raw(given.name, arguments, parents);
  }
  return caller.enqueue_raw(given.name, arguments);
}

const char* status_name(Creation::Status status) {
  switch (status) {
    case Creation::Status::created: return "created";
    case Creation::Status::existing: return "existing";
    case Creation::Status::replaced: return "replaced";
    case Creation::Status::rejected: return "rejected";
    case Creation::Status::vetoed: return "vetoed";
    case Creation::Status::full: return "full";
  }
  return "rejected";
}

ExitCode report(const Creation& creation, const Session& session) {
  const auto id_or_null = [](JobId id) { return id ? Json(to_string(id)) : Json(nullptr); };
  if (session.json) {
    session.print({{"status", status_name(creation.status)},
                   {"id", id_or_null(creation.id)},
                   {"holder", id_or_null(creation.holder)},
                   {"reason", creation.reason}});
  } else if (creation.id) {
    session.out() << to_string(creation.id) << '\n';
  }
  if (creation.status == Creation::Status::created) return ExitCode::ok;
  if (creation.id) {
    const bool replaced = creation.status == Creation::Status::replaced;
    if (!session.json) {
      session.complain(replaced ? "nothing was created: this job was replaced"
                                : "nothing was created: this job holds the unique key");
    }
    return ExitCode::ok;
  }
  session.complain("nothing was created: " + creation.reason);
  return ExitCode::failed;
}

ExitCode enqueue_job(const EnqueueWords& given, const Session& session) {
  std::string arguments = given.arguments;
  if (arguments == "-") {
    arguments.assign(std::istreambuf_iterator<char>{std::cin}, std::istreambuf_iterator<char>{});
  }
  Client client = session.client();
  return report(create(given, arguments, client), session);
}

void add_time_options(CLI::App& app, EnqueueWords& given) {
  CLI::Option* delay =
      app.add_option("--delay", given.delay, "Not before this long from now: 10m, 1h30m")
          ->type_name("SPAN");
  CLI::Option* at =
      app.add_option("--at", given.at, "Not before this instant: 2026-11-21T09:00:00Z")
          ->type_name("INSTANT");
  CLI::Option* after =
      app.add_option("--after", given.after,
                     "After this job has ended; several: repeat it, or separate ids by commas")
          ->type_name("ID")
          ->delimiter(',')
          ->allow_extra_args(false);
  add_choice(app, "--on", given.on, {"succeeded", "deleted", "failed", "finished"},
             "How that job must end (succeeded); finished is succeeded or deleted")
      ->needs(after);
  delay->excludes(at)->excludes(after);
  at->excludes(after);
}

void add_line_options(CLI::App& app, EnqueueWords& given) {
  CLI::Option* limit =
      app.add_option("--limit", given.limit,
                     "At most --at-once jobs of this key are ready or running at a time; others "
                     "stand in line")
          ->type_name("KEY");
  add_number(app, "--at-once", given.at_once, 1, 1'000'000, "So many of the limit's key (1)")
      ->needs(limit);
  app.add_option("--sequence", given.sequence,
                 "Begins when the job of this key before it has ended; a Failed one holds up the "
                 "others")
      ->type_name("KEY")
      ->excludes(limit);
}

void add_call_options(CLI::App& app, EnqueueWords& given) {
  app.add_option("--queue", given.queue, "Queue of the job: a-z 0-9 _ - (\"default\")")
      ->type_name("NAME");
  add_number(app, "--priority", given.priority, -100, 100,
             "Higher first within the queue; -100 to 100 (0)");
  CLI::Option* unique =
      app.add_option("--unique", given.unique,
                     "At most one job that is not over yet holds this key at a time")
          ->type_name("KEY");
  add_choice(app, "--on-duplicate", given.on_duplicate, {"reject", "existing", "replace"},
             "If another job holds the key: fail (the default), answer with that job, or let it "
             "become this one if it has not begun")
      ->needs(unique);
  add_line_options(app, given);
  add_number(app, "--attempts", given.attempts, 0, 1'000'000,
             "Retries after the first run (the server's: 10)");
  app.add_option("--timeout", given.timeout, "Ask a run to stop after this long")
      ->type_name("SPAN");
  app.add_option("--retention", given.retention, "Keep the job this long once it is over (1d)")
      ->type_name("SPAN");
  app.add_option("--tag", given.tags, "A word to find the job by; may be repeated")
      ->type_name("TAG")
      ->allow_extra_args(false);
  app.add_option("--display-name", given.display_name,
                 "What people see in the place of the name; {0} is the first argument")
      ->type_name("TEXT");
  app.add_option("--param", given.parameters,
                 "Data beside the arguments; may be repeated. A text needs its quotes: 'k=\"v\"'")
      ->type_name("NAME=JSON")
      ->allow_extra_args(false);
}

}  // namespace

void add_enqueue(CommandLine& line) {
  auto given = std::make_shared<EnqueueWords>();
  CLI::App& app = line.command(
      line.root(),
      {.name = "enqueue",
       .description = "Create a job and print its id",
       .examples = "  portfire enqueue cleanup\n"
                   "  portfire enqueue mail.send '[\"ann@example.com\", 7]' --queue mail\n"
                   "  portfire enqueue report '[2026]' --delay 10m --attempts 3\n"
                   "  portfire enqueue publish --after $(portfire enqueue build)\n"
                   "  portfire enqueue alert --after $ID --on failed\n"
                   "  portfire enqueue sync --unique sync:eu --on-duplicate existing\n"
                   "  portfire enqueue crawl '[\"example.com\"]' --limit example.com --at-once 3\n"
                   "  jq -c '[.rows]' data.json | portfire enqueue import -",
       .notes = "A server that has a handler of that name runs the job; until there is one it "
                "waits."},
      [given](Session& session) { return enqueue_job(*given, session); });
  app.add_option("NAME", given->name, "Name of the job, as its handler is registered")
      ->required()
      ->type_name("");
  app.add_option("JSON", given->arguments,
                 "An array with its arguments ([]); - reads standard input")
      ->type_name("");
  add_time_options(app, *given);
  add_call_options(app, *given);
}

}  // namespace portfire::cli
