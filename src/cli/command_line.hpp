#pragma once

// The command line as a whole: which commands there are, and which one was chosen.

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"
#include "cli/session.hpp"

namespace portfire::cli {

using Action = std::function<ExitCode(Session&)>;

struct CommandText {
  std::string name;
  std::string description;
  std::string examples;  // one per line, each a whole command
  std::string notes = {};
  bool uses_storage = true;
};

class CommandLine {
 public:
  explicit CommandLine(Session& session);

  [[nodiscard]] CLI::App& root() { return root_; }

  // A command that only has further ones.
  CLI::App& group(const std::string& name, const std::string& description,
                  bool uses_storage = true);

  // A command that does something; the caller adds its own options, and may add further commands.
  CLI::App& command(CLI::App& parent, const CommandText& text, Action action);

  // Reads the arguments and runs the chosen command. Errors are told and become an exit code.
  ExitCode run(int argument_count, char** arguments);

 private:
  [[nodiscard]] const CLI::App& deepest_parsed() const;
  ExitCode explain(const CLI::ParseError& error);
  ExitCode act();

  Session& session_;
  CLI::App root_;
  Action chosen_;
};

// One of a few words. The help names them once, not in CLI11's notation as well.
CLI::Option* add_choice(CLI::App& app, const std::string& name, std::string& value,
                        const std::vector<std::string>& choices, const std::string& description);

// A whole number in a range; the description says which.
template <class Number>
CLI::Option* add_number(CLI::App& app, const std::string& name, Number& value, int lowest,
                        int highest, const std::string& description) {
  return app.add_option(name, value, description)
      ->type_name("NUMBER")
      ->check(CLI::Range(lowest, highest).description(""));
}

// Each declares one command.
void add_enqueue(CommandLine& line);
void add_jobs(CommandLine& line);
void add_jobs_list(CommandLine& line, CLI::App& jobs);
void add_jobs_graph(CommandLine& line, CLI::App& jobs);
void add_jobs_show(CommandLine& line, CLI::App& jobs);
void add_jobs_changes(CommandLine& line, CLI::App& jobs);
void add_jobs_wait(CommandLine& line, CLI::App& jobs);
void add_queues(CommandLine& line);
void add_recurring(CommandLine& line);
void add_servers(CommandLine& line);
void add_stats(CommandLine& line);
void add_audit(CommandLine& line);
void add_migrate(CommandLine& line);
void add_cron(CommandLine& line);
void add_bench(CommandLine& line);
void add_dashboard(CommandLine& line);

}  // namespace portfire::cli
