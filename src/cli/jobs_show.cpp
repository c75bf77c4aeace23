#include <memory>
#include <ostream>

#include <nlohmann/json.hpp>

#include <portfire/display.hpp>

#include "cli/command_line.hpp"
#include "cli/job_json.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"

namespace portfire::cli {

namespace {

constexpr std::size_t line_width = 2000;
constexpr std::size_t log_lines = 1000;

void add_row(Table& table, const std::string& title, const std::string& text) {
  if (!text.empty()) table.add({"  " + title, one_line(text, line_width)});
}

void add_identity(Table& table, const JobDetails& job, TimePoint now) {
  add_row(table, "name", job.name);
  if (const std::string shown = display_name(job); shown != job.name) {
    add_row(table, "displayed as", shown);
  }
  add_row(table, "state", job.state + " since " + both(job.since, now));
  add_row(table, "reason", job.reason);
  if (job.no_handler) add_row(table, "waits for", "a server with a handler of that name");
  add_row(table, "queue", job.queue + ", priority " + std::to_string(job.priority));
  add_row(table, "arguments", job.arguments);
  add_row(table, "result", job.result);
  add_row(table, "created", both(job.created_at, now));
}

void add_run(Table& table, const JobDetails& job, TimePoint now) {
  if (job.due_at) add_row(table, "due", both(*job.due_at, now));
  if (job.started_at) add_row(table, "started", both(*job.started_at, now));
  if (job.duration) add_row(table, "took", brief(*job.duration));
  if (job.server) add_row(table, "server", to_string(*job.server));
  if (job.stopping_on) add_row(table, "still stopping on", to_string(*job.stopping_on));
  if (job.progress) {
    add_row(table, "progress", std::to_string(static_cast<int>(*job.progress * 100)) + " %");
  }
  if (job.attempt > 0) add_row(table, "retries so far", std::to_string(job.attempt));
  if (job.suspect) {
    add_row(table, "suspect",
            "a server crashed while it held this job; blamed " + std::to_string(job.crashes) +
                " times");
  }
  if (job.expires_at) add_row(table, "kept until", both(*job.expires_at, now));
}

void add_members(Table& table, const JobDetails& job, TimePoint now) {
  if (job.batch) add_row(table, "in batch", to_string(*job.batch));
  if (!job.members) return;
  const MemberCounts& members = *job.members;
  const std::uint64_t ended = members.total - members.outstanding;
  std::string text = std::to_string(ended) + " of " + std::to_string(members.total) + " ended";
  if (members.total > 0) text += ", " + std::to_string(ended * 100 / members.total) + " %";
  if (ended > members.succeeded) {
    text += "; " + std::to_string(ended - members.succeeded) + " of them did not succeed";
  }
  if (const auto left = time_left(job, now)) text += "; about " + brief(*left) + " left";
  add_row(table, "members", text);
}

void add_relations(Table& table, const JobDetails& job) {
  add_row(table, "unique key", job.unique_key);
  if (!job.limit_key.empty()) {
    add_row(table, "limit", job.limit_key + (job.in_line ? ", stands in line" : ""));
  }
  for (const std::string& tag : tags(job)) add_row(table, "tag", tag);
  for (const Parent& parent : job.parents) {
    add_row(table, "waits for", to_string(parent.job) + " " + std::string{to_string(parent.on)});
  }
  for (const JobId child : job.children) add_row(table, "continued by", to_string(child));
  for (const auto& [name, value] : job.parameters) add_row(table, "param " + name, value);
}

// Data without the stacks, which have lines of their own.
std::string brief_data(const std::string& data) {
  auto value = nlohmann::json::parse(data, nullptr, false);
  if (!value.is_object() || data.find("\"stack\"") == std::string::npos) return data;
  value.erase("stack");
  if (value.contains("nested") && value["nested"].is_array()) {
    for (auto& each : value["nested"]) {
      if (each.is_object()) each.erase("stack");
    }
  }
  return value.dump();
}

void print_failure(const nlohmann::json& failure, std::string_view head, std::ostream& out) {
  const auto text = [&](const char* name) {
    const auto found = failure.find(name);
    return found != failure.end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  out << head << one_line(text("type") + ": " + text("message"), line_width) << '\n';
  for (const auto& frame : failure.value("stack", nlohmann::json::array())) {
    if (frame.is_string()) out << "    " << one_line(frame.get<std::string>(), line_width) << '\n';
  }
}

// Where the last failure was thrown, or the last crash was.
void print_stack(const JobDetails& job, std::ostream& out) {
  for (auto entry = job.history.rbegin(); entry != job.history.rend(); ++entry) {
    const auto failure = nlohmann::json::parse(entry->data, nullptr, false);
    if (!failure.is_object() || !failure.contains("stack")) continue;
    out << "Stack of the last failure\n";
    print_failure(failure, "  ", out);
    for (const auto& nested : failure.value("nested", nlohmann::json::array())) {
      if (nested.is_object()) print_failure(nested, "  caused by ", out);
    }
    return;
  }
}

void print_history(const JobDetails& job, TimePoint now, std::ostream& out) {
  out << "History\n";
  Table table{{{""}, {""}, {""}}};
  for (const HistoryEntry& entry : job.history) {
    const std::string state = entry.elected_away ? "(" + entry.state + ")" : entry.state;
    std::string note = entry.reason;
    if (entry.server) note += (note.empty() ? "on " : "; on ") + to_string(*entry.server);
    if (!entry.data.empty()) note += (note.empty() ? "" : " ") + brief_data(entry.data);
    table.add(
        {"  " + both(entry.at, now), one_line(state, line_width), one_line(note, line_width)});
  }
  table.print(out);
}

void print_log(const std::vector<LogEntry>& log, std::ostream& out) {
  if (log.empty()) return;
  out << "Log\n";
  for (const LogEntry& entry : log) {
    out << "  " << absolute(entry.at) << "  " << one_line(entry.text, line_width) << '\n';
  }
}

ExitCode show_job(const std::string& text, const Session& session) {
  const JobId id = read_job_id("ID", text);
  const auto storage = session.open();
  const auto job = storage->monitoring().job(id);
  if (!job) {
    session.complain("there is no job " + to_string(id) + " in " + storage->description() +
                     " (any more)");
    return ExitCode::not_found;
  }
  const auto log = storage->monitoring().log(id, 0, log_lines);
  if (session.json) {
    session.print(details_json(*job, log));
    return ExitCode::ok;
  }
  const TimePoint now = storage->monitoring().now();
  session.out() << "Job " << to_string(id) << '\n';
  Table table{{{""}, {""}}};
  add_identity(table, *job, now);
  add_run(table, *job, now);
  add_members(table, *job, now);
  add_relations(table, *job);
  table.print(session.out());
  print_history(*job, now, session.out());
  print_stack(*job, session.out());
  print_log(log, session.out());
  return ExitCode::ok;
}

}  // namespace

void add_jobs_show(CommandLine& line, CLI::App& jobs) {
  auto id = std::make_shared<std::string>();
  CLI::App& app = line.command(
      jobs,
      {.name = "show",
       .description = "Show everything about one job: arguments, result, history, log",
       .examples = "  portfire jobs show 01930f3c-8e4b-7c21-9a55-0123456789ab\n"
                   "  portfire jobs show $ID --json | jq .result",
       .notes = "A state in parentheses in the history was a candidate that a filter replaced, "
                "such as\na Failed that became a retry."},
      [id](Session& session) { return show_job(*id, session); });
  app.add_option("ID", *id, "Id of the job")->required()->type_name("");
}

}  // namespace portfire::cli
