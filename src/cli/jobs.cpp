#include "cli/command_line.hpp"

namespace portfire::cli {

void add_jobs(CommandLine& line) {
  CLI::App& jobs = line.group("jobs", "List, show, draw, change or wait for jobs");
  add_jobs_list(line, jobs);
  add_jobs_show(line, jobs);
  add_jobs_graph(line, jobs);
  add_jobs_changes(line, jobs);
  add_jobs_wait(line, jobs);
}

}  // namespace portfire::cli
