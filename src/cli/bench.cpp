#include "bench/bench.hpp"

#include <unistd.h>

#include <iostream>
#include <memory>
#include <mutex>
#include <ostream>

#include <portfire/error.hpp>

#include "cli/command_line.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

namespace portfire::cli {

namespace {

struct Given {
  std::size_t jobs = 100'000;
  int workers = 20;
  std::vector<std::string> measures = {"enqueue", "bulk", "drain", "latency"};
  bool floor = false;
};

// One line that is written over and over, on a terminal only.
class ProgressLine {
 public:
  explicit ProgressLine(std::ostream& out) : out_{out}, is_shown_{isatty(STDERR_FILENO) == 1} {}
  ~ProgressLine() {
    if (is_shown_) out_ << clear_line << std::flush;
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // From any thread.
  void show(const std::string& what, std::size_t done, std::size_t total) {
    if (!is_shown_) return;
    const std::lock_guard lock{mutex_};
    out_ << clear_line << what << ' ' << counted(done) << " of " << counted(total) << std::flush;
  }

 private:
  static constexpr const char* clear_line = "\r\x1b[K";

  std::ostream& out_;
  const bool is_shown_;
  std::mutex mutex_;
};

bench::Plan plan_of(const Given& given) {
  bench::Plan plan{.jobs = given.jobs, .workers = given.workers, .floor = given.floor};
  for (const std::string& measure : given.measures) {
    if (measure == "enqueue") plan.enqueue = true;
    if (measure == "bulk") plan.bulk = true;
    if (measure == "drain") plan.drain = true;
    if (measure == "latency") plan.latency = true;
    if (measure == "memory") plan.memory = true;
  }
  return plan;
}

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float() && value.get<double>() >= 1000) {
    return counted(static_cast<std::uint64_t>(value.get<double>()));
  }
  if (value.is_number_unsigned()) return counted(value.get<std::uint64_t>());
  return value.dump();
}

void add_rows(Table& table, const std::string& prefix, const Json& object) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object()) {
      add_rows(table, prefix + key + " ", value);
    } else {
      table.add({prefix + key, value_text(value)});
    }
  }
}

ExitCode run(const Given& given, const Session& session) {
  const Drivers drivers = all_drivers();
  const StorageUrl url = parse_storage_url(session.url());
  const Driver& driver = driver_for(url, drivers);
  bench::Plan plan = plan_of(given);
  plan.log = session.log();
  Json report;
  {
    ProgressLine line{std::cerr};
    plan.progress = [&line](const std::string& what, std::size_t done, std::size_t total) {
      line.show(what, done, total);
    };
    report = bench::run(url, driver, plan);
  }
  if (session.json) {
    session.print(report);
    return ExitCode::ok;
  }
  Table table{{{""}, {"", Table::Align::right}}};
  add_rows(table, "", report);
  table.print(session.out());
  return ExitCode::ok;
}

}  // namespace

void add_bench(CommandLine& line) {
  auto given = std::make_shared<Given>();
  CLI::App& app = line.command(
      line.root(),
      {.name = "bench",
       .description = "Measure how fast a storage is on this machine",
       .examples = "  portfire bench --storage sqlite:jobs.db --floor\n"
                   "  portfire bench --storage memory: --measure drain --jobs 1000000\n"
                   "  portfire bench --storage sqlite:/data/x.db --measure latency --json",
       .notes = "Touches nothing that is stored under the URL: a file's storage is measured in a "
                "directory of\nits own beside the file, which is removed afterwards.\n\n"
                "  enqueue  jobs created one by one, from 1 thread and from 8\n"
                "  bulk     jobs created 1,000 at a time\n"
                "  drain    waiting no-op jobs run by a server, until all are stored as Succeeded\n"
                "  latency  from just before enqueue to the handler's first line, idle system\n"
                "  memory   resident: an idle server, and while it drains all jobs"},
      [given](Session& session) { return run(*given, session); });
  add_number(app, "--jobs", given->jobs, 1, 100'000'000, "How many jobs (100000)");
  add_number(app, "--workers", given->workers, 1, 1000, "Workers of the server, 1 to 1000 (20)");
  app.add_option("--measure", given->measures,
                 "What to measure, separated by commas (enqueue,bulk,drain,latency)")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"enqueue", "bulk", "drain", "latency", "memory"}).description(""));
  app.add_flag("--floor", given->floor,
               "Also measure the least that the raw engine must do for the same jobs");
}

}  // namespace portfire::cli
