#include "bench/bench.hpp"

#include <unistd.h>

#include <array>
#include <iostream>
#include <memory>
#include <mutex>
#include <ostream>

#include <portfire/error.hpp>

#include "bench/serve.hpp"
#include "cli/command_line.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

namespace portfire::cli {

namespace {

struct BenchWords {
  std::size_t jobs = 100'000;
  int workers = 20;
  std::size_t servers = 4;
  std::size_t backlog = 1'000'000;
  int held_seconds = 180;
  int steady_seconds = 300;
  std::size_t definitions = 100'000;
  int recurring_seconds = 30;
  std::vector<std::string> measures = {"enqueue", "bulk", "drain", "latency"};
  bool floor = false;
  std::string serve = {};     // this is the server process of another bench
  std::string receiver = {};  // this is the receiver of a floor, at the place of this name
};

struct Measure {
  const char* word;
  bool bench::Plan::* flag;
  const char* meaning;
};

constexpr std::array<Measure, 15> measures = {{
    {"enqueue", &bench::Plan::enqueue, "jobs created one by one, from 1 thread and from 8"},
    {"bulk", &bench::Plan::bulk, "jobs created 1,000 at a time"},
    {"drain", &bench::Plan::drain,
     "waiting no-op jobs run by a server, until all are stored as Succeeded"},
    {"batch", &bench::Plan::batch, "jobs created in one call and drained, alone and as a batch"},
    {"latency", &bench::Plan::latency,
     "from just before enqueue to the handler's first line, idle system"},
    {"apart", &bench::Plan::apart, "the same, client and server in different processes"},
    {"servers", &bench::Plan::processes, "the drain by one server process, and by several at once"},
    {"backlog", &bench::Plan::with_backlog,
     "the drain of an empty storage, and of one full of jobs"},
    {"held", &bench::Plan::with_held,
     "the drain while a transaction has been held open (PostgreSQL)"},
    {"steady", &bench::Plan::steady_state,
     "jobs enqueued and run together: the rate early and late, and the sizes"},
    {"due", &bench::Plan::due,
     "scheduled jobs that are all due: how fast they move to their queue"},
    {"recurring", &bench::Plan::with_recurring,
     "many definitions, a hundredth of them due each second, and how late their jobs run"},
    {"dashboard", &bench::Plan::dashboard,
     "how soon its pages are answered on a full storage, and what 50 viewers cost"},
    {"isolation", &bench::Plan::isolation,
     "the drain with each job in a process of its own, beside that in threads"},
    {"memory", &bench::Plan::memory, "resident: an idle server, and while it drains all jobs"},
}};

std::vector<std::string> words_of_measures() {
  std::vector<std::string> words;
  for (const Measure& measure : measures) words.emplace_back(measure.word);
  return words;
}

std::string notes() {
  constexpr std::size_t column = 10;
  std::string text =
      "Touches nothing that is stored under the URL: a file's storage is measured in a directory "
      "of\nits own beside the file, a database's in a schema of its own, which is removed "
      "afterwards.\n";
  for (const Measure& measure : measures) {
    std::string word = measure.word;
    word.resize(column, ' ');
    text += "\n  " + word + measure.meaning;
  }
  return text;
}

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

bench::Plan plan_of(const BenchWords& given) {
  bench::Plan plan{.jobs = given.jobs,
                   .workers = given.workers,
                   .servers = given.servers,
                   .backlog = given.backlog,
                   .held = std::chrono::seconds{given.held_seconds},
                   .steady = std::chrono::seconds{given.steady_seconds},
                   .definitions = given.definitions,
                   .recurring = std::chrono::seconds{given.recurring_seconds},
                   .floor = given.floor,
                   .command = {"portfire", "bench"}};
  for (const std::string& word : given.measures) {
    for (const Measure& measure : measures) {
      if (word == measure.word) plan.*measure.flag = true;
    }
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

ExitCode serve(const BenchWords& given, const Session& session) {
  const auto news = given.serve == "entries" ? bench::News::entries : bench::News::runs;
  bench::serve(session.open(), given.workers, news, session.log());
  return ExitCode::ok;
}

ExitCode run_bench(const BenchWords& given, const Session& session) {
  if (!given.serve.empty()) return serve(given, session);
  if (!given.receiver.empty()) {
    bench::receive_posts(session.url(), given.receiver);
    return ExitCode::ok;
  }
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
  auto given = std::make_shared<BenchWords>();
  CLI::App& app = line.command(
      line.root(),
      {.name = "bench",
       .description = "Measure how fast a storage is on this machine",
       .examples = "  portfire bench --storage sqlite:jobs.db --floor\n"
                   "  portfire bench --storage memory: --measure drain --jobs 1000000\n"
                   "  portfire bench --storage sqlite:/data/x.db --measure latency --json",
       .notes = notes()},
      [given](Session& session) { return run_bench(*given, session); });
  add_number(app, "--jobs", given->jobs, 1, 100'000'000, "How many jobs (100000)");
  add_number(app, "--workers", given->workers, 1, 1000, "Workers of the server, 1 to 1000 (20)");
  add_number(app, "--servers", given->servers, 1, 100, "Server processes at once (4)");
  add_number(app, "--backlog", given->backlog, 10, 100'000'000,
             "Jobs waiting behind, finished, and scheduled; a tenth awaiting (1000000)");
  add_number(app, "--held", given->held_seconds, 1, 86'400,
             "Seconds for which a transaction is held open before the drain (180)");
  add_number(app, "--steady", given->steady_seconds, 1, 86'400,
             "Seconds of enqueuing and running together (300)");
  add_number(app, "--definitions", given->definitions, 1, 10'000'000,
             "Definitions of recurring jobs (100000)");
  add_number(app, "--recurring", given->recurring_seconds, 1, 86'400,
             "Seconds for which recurring jobs are watched (30)");
  app.add_option("--measure", given->measures,
                 "What to measure, separated by commas (enqueue,bulk,drain,latency)")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember(words_of_measures()).description(""));
  app.add_flag("--floor", given->floor,
               "Also measure the least that the raw engine must do for the same jobs");
  // What `bench` starts by itself: not for people.
  app.add_option("--as-server-process", given->serve)
      ->group("")
      ->check(CLI::IsMember({"runs", "entries"}));
  app.add_option("--as-receiver", given->receiver)->group("");
}

}  // namespace portfire::cli
