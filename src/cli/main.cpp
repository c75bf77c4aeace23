#include <iostream>

#include "bench/isolation.hpp"
#include "cli/command_line.hpp"

int main(int argument_count, char** arguments) {
  using namespace portfire::cli;
  // `bench` measures jobs in children, which are this program.
  if (const auto end = portfire::bench::serve_as_child(argument_count, arguments)) return *end;
  std::ios::sync_with_stdio(false);
  Session session{std::cout, std::cerr};
  CommandLine line{session};
  add_enqueue(line);
  add_jobs(line);
  add_queues(line);
  add_recurring(line);
  add_servers(line);
  add_stats(line);
  add_audit(line);
  add_migrate(line);
  add_cron(line);
#ifdef PORTFIRE_HAS_DASHBOARD
  add_dashboard(line);
#endif
  add_bench(line);
  return static_cast<int>(line.run(argument_count, arguments));
}
