#include <ostream>

#include <portfire/cron.hpp>
#include <portfire/error.hpp>
#include <portfire/runtime.hpp>

#include "cli/command_line.hpp"
#include "cli/text.hpp"

namespace portfire::cli {

namespace {

constexpr int most_occurrences = 1'000'000;

struct Question {
  std::string expression;
  std::string seed;
  std::string zone = "UTC";
  std::string from;
  bool inclusive = false;
  int count = 1;
};

Cron read_expression(const Question& question) {
  Cron cron = Cron::parse(question.expression);
  return question.seed.empty() ? cron : cron.with_seed(question.seed);
}

ExitCode next(const Session& session, const Question& question) {
  const Cron cron = read_expression(question);
  if (cron.needs_seed()) {
    throw UsageError{"cron expression \"" + question.expression +
                     "\": an H is a number chosen by a seed; give one with --seed, such as the "
                     "name of the job"};
  }
  const TimeZone zone{question.zone};
  const TimePoint from =
      question.from.empty() ? thread_runtime()->now() : read_exact_instant("--from", question.from);
  std::vector<std::string> lines;
  auto found = cron.next(from, zone, {.inclusive = question.inclusive});
  for (int left = question.count; found && left > 0; --left) {
    lines.push_back(zone.to_string(*found));
    if (left > 1) found = cron.next(*found, zone);
  }
  if (session.json) {
    session.print({{"expression", question.expression},
                   {"zone", question.zone},
                   {"occurrences", std::move(lines)}});
    return ExitCode::ok;
  }
  for (const std::string& line : lines) session.out() << line << '\n';
  if (lines.empty()) session.out() << "never\n";
  return ExitCode::ok;
}

ExitCode describe(const Session& session, const Question& question) {
  const std::string words = read_expression(question).describe();
  if (session.json) {
    session.print({{"expression", question.expression}, {"description", words}});
  } else {
    session.out() << words << '\n';
  }
  return ExitCode::ok;
}

constexpr const char* grammar =
    "Five fields: minute hour day-of-month month day-of-week; or six with the second first.\n"
    "Days of the month and of the week must both fit. Lists, ranges that may wrap (22-1), steps\n"
    "(*/5, 10-50/5), names (JAN, MON), L, LW, L-2, 15W, FRIL, MON#2, H, and @every_second\n"
    "@every_minute @hourly @daily @midnight @weekly @monthly @yearly @annually.";

void add_expression(CLI::App& app, Question& question) {
  app.add_option("EXPR", question.expression, "The cron expression, in quotes")
      ->type_name("")
      ->required();
  app.add_option("--seed", question.seed, "Decides what an H stands for, such as the job's name")
      ->type_name("TEXT");
}

void add_next(CommandLine& line, CLI::App& cron) {
  const auto question = std::make_shared<Question>();
  CLI::App& app = line.command(
      cron,
      {.name = "next",
       .description = "Show when a cron expression comes true next, in local time",
       .examples = "  portfire cron next '0 8 * * MON-FRI' --zone Europe/Paris --count 5\n"
                   "  portfire cron next '0 0 L * *' --from 2026-11-21T09:00:00+01:00",
       .notes =
           std::string{grammar} +
           "\n\nOne a line, fewer when there are no more, \"never\" when there is none at all.",
       .uses_storage = false},
      [question](const Session& session) { return next(session, *question); });
  add_expression(app, *question);
  app.add_option("--zone", question->zone, "An IANA time zone (UTC)")->type_name("ZONE");
  app.add_option("--from", question->from, "The instant after which to look, with any offset (now)")
      ->type_name("INSTANT");
  app.add_flag("--inclusive", question->inclusive, "The first may be at that instant itself");
  add_number(app, "--count", question->count, 1, most_occurrences, "How many (1)");
}

void add_describe(CommandLine& line, CLI::App& cron) {
  const auto question = std::make_shared<Question>();
  CLI::App& app =
      line.command(cron,
                   {.name = "describe",
                    .description = "Say in English what a cron expression means",
                    .examples = "  portfire cron describe '*/15 9-17 * * MON-FRI'",
                    .notes = grammar,
                    .uses_storage = false},
                   [question](const Session& session) { return describe(session, *question); });
  add_expression(app, *question);
}

}  // namespace

void add_cron(CommandLine& line) {
  CLI::App& cron = line.group("cron", "Explain cron expressions", false);
  add_next(line, cron);
  add_describe(line, cron);
}

}  // namespace portfire::cli
