#include "cli/command_line.hpp"

#include <algorithm>
#include <ostream>

#include <portfire/error.hpp>
#include <portfire/version.hpp>

#include "cli/suggestion.hpp"

namespace portfire::cli {

namespace {

constexpr std::size_t column_width = 34;

void add_common_options(CLI::App& app, Session& session, bool uses_storage = true) {
  app.add_flag("--json", session.json, "Print one JSON object, for programs");
  if (!uses_storage) return;
  app.add_option("--storage", session.storage_option,
                 "Where the jobs are, such as sqlite:jobs.db; otherwise the environment variable "
                 "PORTFIRE_STORAGE")
      ->type_name("URL");
}

std::string full_name(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : full_name(*parent) + " " + app.get_name();
}

std::vector<std::string> names_of_commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    // Groups of options are commands without a name.
    if (!command->get_name().empty()) names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> names_of_options(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) names.push_back(option->get_name());
  }
  return names;
}

bool takes_value(const CLI::App& app, const std::string& word) {
  const CLI::Option* option = app.get_option_no_throw(word);
  return option != nullptr && option->get_items_expected_max() > 0;
}

// The words in CLI11's order, the last one first. One that begins with a single dash and holds a
// blank is nobody's option, but CLI11 would take its first letter for one; so it goes to the end,
// behind `--`.
std::vector<std::string> words_of(const CLI::App& root, int count, char** arguments) {
  std::vector<std::string> words;
  std::vector<std::string> others;
  const CLI::App* app = &root;
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[i];
    if (word == "--") {
      others.insert(others.end(), arguments + i + 1, arguments + count);
      break;
    }
    const bool dashed = word.starts_with('-');
    if (dashed && !word.starts_with("--") && word.find_first_of(" \t") != std::string::npos) {
      others.push_back(word);
      continue;
    }
    words.push_back(word);
    if (dashed) {
      if (takes_value(*app, word) && i + 1 < count) words.emplace_back(arguments[++i]);
      continue;
    }
    const auto chosen = app->get_subcommands(
        [&word](const CLI::App* command) { return command->get_name() == word; });
    if (!chosen.empty()) app = chosen.front();
  }
  if (!others.empty()) words.emplace_back("--");
  words.insert(words.end(), others.begin(), others.end());
  std::ranges::reverse(words);
  return words;
}

// What CLI11 found too much, in words with a way out.
std::string unexpected_text(const CLI::App& app) {
  const std::string first = app.remaining(true).front();
  const bool is_option = first.starts_with('-');
  const auto commands = names_of_commands(app);
  const std::string what = is_option ? "option" : commands.empty() ? "argument" : "command";
  const std::string text = "unknown " + what + " \"" + first + "\"";
  return text + did_you_mean(first, is_option ? names_of_options(app) : commands);
}

std::string missing_command_text(const CLI::App& app) {
  std::string text = "a command is missing after \"" + full_name(app) + "\"; there are";
  std::string separator = " ";
  for (const std::string& name : names_of_commands(app)) {
    text += separator + name;
    separator = ", ";
  }
  return text;
}

}  // namespace

CLI::Option* add_choice(CLI::App& app, const std::string& name, std::string& value,
                        const std::vector<std::string>& choices, const std::string& description) {
  return app.add_option(name, value, description)
      ->type_name(CLI::detail::join(choices, "|"))
      ->check(CLI::IsMember(choices).description(""));
}

CommandLine::CommandLine(Session& session)
    : session_{session},
      root_{"Portfire: persistent background jobs. Creates jobs, shows them, steers them.",
            "portfire"} {
  root_.get_formatter()->column_width(column_width);
  root_.set_help_flag("-h,--help", "Show this text");
  root_.set_version_flag("--version", "portfire " + version_text());
  root_.require_subcommand(1);
  add_common_options(root_, session_);
  root_.footer(
      "Every command explains itself: portfire COMMAND --help\n\n"
      "Storages:\n"
      "  sqlite:jobs.db                     a file in this directory\n"
      "  sqlite:/var/lib/app/jobs.db        a file elsewhere\n"
      "  sqlite:jobs.db?durability=normal   faster; a power failure may undo the last commits\n"
      "  memory:                            within one process; for bench only\n\n"
      "Examples:\n"
      "  export PORTFIRE_STORAGE=sqlite:jobs.db\n"
      "  portfire migrate\n"
      "  portfire enqueue mail.send '[\"ann@example.com\", 7]'\n"
      "  portfire jobs list --state Failed\n"
      "  portfire stats --json\n"
      "  portfire cron next '0 8 * * MON-FRI' --zone Europe/Paris\n\n" +
      exit_codes_in_words());
}

CLI::App& CommandLine::group(const std::string& name, const std::string& description,
                             bool uses_storage) {
  CLI::App& app = *root_.add_subcommand(name, description);
  app.require_subcommand(1);
  add_common_options(app, session_, uses_storage);
  return app;
}

CLI::App& CommandLine::command(CLI::App& parent, const CommandText& text, Action action) {
  CLI::App& app = *parent.add_subcommand(text.name, text.description);
  add_common_options(app, session_, text.uses_storage);
  std::string footer;
  if (!text.notes.empty()) footer += text.notes + "\n\n";
  footer += "Examples:\n" + text.examples;
  app.footer(footer);
  app.callback([this, &app, action = std::move(action)] {
    // One that has further ones is asked for itself only where none of those is.
    if (app.get_subcommands().empty()) chosen_ = action;
  });
  return app;
}

const CLI::App& CommandLine::deepest_parsed() const {
  const CLI::App* app = &root_;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

ExitCode CommandLine::run(int argument_count, char** arguments) {
  try {
    root_.parse(words_of(root_, argument_count, arguments));
  } catch (const CLI::ParseError& error) {
    return explain(error);
  }
  return act();
}

ExitCode CommandLine::explain(const CLI::ParseError& error) {
  const CLI::App& app = deepest_parsed();
  if (error.get_exit_code() == 0) {
    // Help or version were asked for; CLI11 knows their texts.
    root_.exit(error, session_.out(), session_.out());
    return ExitCode::ok;
  }
  std::string text = error.what();
  if (!app.remaining(true).empty()) {
    text = unexpected_text(app);
  } else if (app.get_require_subcommand_min() > 0 && !names_of_commands(app).empty()) {
    text = missing_command_text(app);
  }
  session_.complain(text);
  session_.complain("see " + full_name(app) + " --help");
  return ExitCode::usage;
}

ExitCode CommandLine::act() {
  try {
    const ExitCode code = chosen_(session_);
    session_.out().flush();
    if (session_.out()) return code;
    session_.complain("cannot write to standard output");
    return ExitCode::failed;
  } catch (const UsageError& error) {
    session_.complain(error.what());
    return ExitCode::usage;
  } catch (const StorageError& error) {
    session_.complain(error.what());
    return ExitCode::storage;
  } catch (const std::exception& error) {
    session_.complain(error.what());
    return ExitCode::failed;
  }
}

}  // namespace portfire::cli
