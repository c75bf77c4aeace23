#include "model/text.hpp"

#include <algorithm>
#include <array>

namespace portfire::model_test {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string span(Duration value) { return std::to_string(value.count()) + "us"; }

template <class Value, class ToText>
std::string optional(const std::optional<Value>& value, ToText to_text) {
  return value ? to_text(*value) : "-";
}

std::string optional_time(const std::optional<TimePoint>& instant) {
  return optional(instant, [](TimePoint value) { return text(value); });
}

std::string optional_span(const std::optional<Duration>& value) { return optional(value, span); }

template <class Values>
std::string list(const Values& values) {
  std::string all = "[";
  for (const auto& value : values) all += (all.size() > 1 ? ", " : "") + text(value);
  return all + "]";
}

std::string parameters(const std::map<std::string, std::string>& values) {
  std::string all = "{";
  for (const auto& [name, json] : values) all += name + "=" + json + " ";
  return all + "}";
}

void add_job(std::vector<std::string>& lines, Storage& storage, JobId id) {
  const std::optional<JobDetails> job = storage.monitoring().job(id);
  const std::string name = "job " + text(id) + ": ";
  if (!job) {
    lines.push_back(name + "absent");
    return;
  }
  const JobSummary& summary = *job;
  lines.push_back(name + text(summary));
  lines.push_back(
      name + "epoch " + number(job->epoch) + " ending " + std::string{to_string(job->ending)} +
      " data " + job->data + " result " + job->result + " started " +
      optional_time(job->started_at) + " expires " + optional_time(job->expires_at) + " key '" +
      job->unique_key + "' limit '" + job->limit_key + (job->in_line ? "' in line" : "'") +
      (job->suspect ? " suspect" : "") + " crashes " + number(job->crashes) + " progress " +
      optional(job->progress, [](double value) { return std::to_string(value); }) +
      " stopping on " + optional(job->stopping_on, [](ServerId server) { return text(server); }));
  if (job->members) {
    lines.push_back(name + "members " + number(job->members->total) + " outstanding " +
                    number(job->members->outstanding) + " succeeded " +
                    number(job->members->succeeded));
  }
  lines.push_back(name + "parents " + list(job->parents) + " children " + list(job->children));
  for (const HistoryEntry& entry : job->history) lines.push_back(name + text(entry));
  for (const LogEntry& entry : storage.monitoring().log(id, 0, 1000)) {
    lines.push_back(name + "log " + text(entry.at) + " " +
                    number(static_cast<unsigned>(entry.level)) + " " + entry.text);
  }
}

// Where an order is not fully laid down, only who is listed counts.
void add_list(std::vector<std::string>& lines, Storage& storage, const std::string& state) {
  const JobPage page = storage.monitoring().list({.state = state, .limit = 10'000});
  std::vector<std::string> jobs;
  for (const JobSummary& job : page.jobs) jobs.push_back(text(job));
  if (state != "Enqueued") std::ranges::sort(jobs);
  for (const std::string& job : jobs) lines.push_back("list '" + state + "': " + job);
}

void add_members(std::vector<std::string>& lines, Storage& storage, JobId batch) {
  const JobPage page = storage.monitoring().list({.batch = batch, .limit = 10'000});
  for (const JobSummary& job : page.jobs) {
    lines.push_back("member of " + text(batch) + ": " + text(job.id));
  }
}

void add_overviews(std::vector<std::string>& lines, Storage& storage) {
  const Statistics statistics = storage.monitoring().statistics();
  for (const StateCount& live : statistics.live) {
    lines.push_back("live " + live.queue + " " + live.state + " " + number(live.count));
  }
  for (const auto& [state, count] : statistics.lifetime) {
    lines.push_back("lifetime " + state + " " + number(count));
  }
  const TimePoint now = storage.monitoring().now();
  using namespace std::chrono_literals;
  for (const HourCount& hour : storage.monitoring().history(now - 24h * 30, now + 1h)) {
    lines.push_back("hour " + text(hour.hour) + " " + hour.state + " " + number(hour.count));
  }
  for (const QueueSummary& queue : storage.monitoring().queues()) {
    lines.push_back("queue " + queue.name + " ready " + number(queue.ready) + " running " +
                    number(queue.running) + " no handler " + number(queue.no_handler) +
                    (queue.settings.paused ? " paused" : "") + " by '" + queue.settings.paused_by +
                    "' version " + number(queue.settings.version));
  }
  for (const ServerSummary& server : storage.monitoring().servers()) {
    std::string names;
    for (const std::string& name : server.info.job_names) names += " " + name;
    lines.push_back("server " + text(server.info.id) + " started " + text(server.started_at) +
                    " seen " + text(server.heartbeat_at) + " running " + number(server.running) +
                    " knows" + names);
  }
}

}  // namespace

std::string text(TimePoint instant) {
  return number(static_cast<std::uint64_t>(instant.time_since_epoch().count()));
}

std::string text(const Parent& parent) {
  return text(parent.job) + " " + std::string{to_string(parent.on)};
}

std::string text(const HistoryEntry& entry) {
  return (entry.elected_away ? "(" + entry.state + ")" : entry.state) + " " +
         std::string{to_string(entry.kind)} + " at " + text(entry.at) + " '" + entry.reason + "' " +
         entry.data + optional(entry.server, [](ServerId id) { return " on " + text(id); });
}

std::string text(const DueJob& due) {
  return text(due.job) + " " + due.name + " in " + due.queue + ": " + text(due.current) + " to " +
         text(due.candidate);
}

std::string text(const JobSummary& job) {
  return text(job.id) + " " + job.name + " in " + job.queue + " priority " +
         std::to_string(job.priority) + " " + job.state + " " + std::string{to_string(job.kind)} +
         " '" + job.reason + "' attempt " + number(job.attempt) + " created " +
         text(job.created_at) + " since " + text(job.since) + " due " + optional_time(job.due_at) +
         " on " + optional(job.server, [](ServerId id) { return text(id); }) + " took " +
         optional_span(job.duration) + " " + job.arguments + " " + parameters(job.parameters) +
         (job.no_handler ? " no handler" : "") +
         optional(job.batch, [](JobId batch) { return " in batch " + text(batch); });
}

std::string text(const State& state) {
  return state.name + "/" + std::string{to_string(state.kind)} + "/" +
         std::string{to_string(state.ending)} + " '" + state.reason + "' " + state.data + " in " +
         span(state.due_in) + " at " + optional_time(state.due_at) + " kept " +
         optional_span(state.retention);
}

std::string text(const NewJob& job) {
  std::string all = "create " + text(job.id) + " " + job.name + " in " + job.queue + " priority " +
                    std::to_string(job.priority) + " " + text(job.state);
  if (!job.elected_away.empty()) all += " instead of " + list(job.elected_away);
  if (!job.parents.empty()) {
    all += " after " + list(job.parents) + " met " + text(job.when_met) + " unmet " +
           text(job.when_unmet);
  }
  if (job.is_batch) all += " as batch";
  if (job.batch) all += " in batch " + text(job.batch);
  if (!job.limit.key.empty()) {
    all += " at most " + number(job.limit.at_once) + " of " + job.limit.key + " while " +
           number(job.limit.counts_while.bits());
  }
  if (!job.unique.key.empty()) {
    constexpr std::array otherwise = {" or reject", " or existing", " or replace"};
    all += " key " + job.unique.key + " while " + number(job.unique.held_while.bits()) +
           " window " + span(job.unique.window) +
           otherwise.at(static_cast<std::size_t>(job.unique.on_duplicate));
  }
  return all;
}

std::string text(const Transition& change) {
  std::string all = "move " + text(change.job);
  if (change.epoch) all += " under " + number(*change.epoch);
  if (!change.expected_state.empty()) all += " expecting " + change.expected_state;
  all += " to " + text(change.state);
  if (!change.elected_away.empty()) all += " instead of " + list(change.elected_away);
  for (const auto& [name, json] : change.parameters) all += " " + name + "=" + json.value_or("-");
  if (change.attempt) all += " attempt " + number(*change.attempt);
  if (change.queue) all += " queue " + *change.queue;
  if (change.priority) all += " priority " + std::to_string(*change.priority);
  if (change.crashes) all += " blamed " + number(*change.crashes);
  if (change.release == Release::elect) all += " electing";
  return all;
}

std::string text(const Unit& unit) {
  std::string all = "unit " + text(unit.id) + " {";
  for (const NewJob& job : unit.jobs) all += "\n      " + text(job);
  for (const Transition& change : unit.transitions) all += "\n      " + text(change);
  return all + "}";
}

std::string text(const CommitResult& result) {
  std::string all = std::string{to_string(result.status)} + " " +
                    std::string{to_string(result.conflict)} + " rejection " +
                    number(static_cast<unsigned>(result.rejection));
  if (!result.done()) all += " job " + text(result.job) + " holder " + text(result.holder);
  for (const auto& existing : result.existing) {
    all += " " + text(existing.requested) + " is " + text(existing.holder);
  }
  return all;
}

std::string text(const ExecutionRef& execution) {
  return text(execution.job) + "@" + number(execution.epoch);
}

std::string text(const Execution& execution) {
  return text(execution.ref) + " " + execution.name + execution.arguments + " in " +
         execution.queue + " priority " + std::to_string(execution.priority) + " attempt " +
         number(execution.attempt) + " " + parameters(execution.parameters) + " created " +
         text(execution.created_at) + " ready " + text(execution.ready_at) + " claimed " +
         text(execution.claimed_at) + (execution.suspect ? " suspect" : "") + " crashes " +
         number(execution.crashes) + (execution.batch ? " in batch " + text(execution.batch) : "");
}

std::string text(const PromoteResult& result) {
  return "promoted " + number(result.promoted) + " elect " + list(result.elect) + " next " +
         optional_span(result.next_due_in);
}

std::string text(const ReclaimResult& result) {
  return "requeued " + number(result.requeued) + " poisoned " + list(result.poisoned);
}

std::string text(const HeartbeatResult& result) {
  std::string all = result.known ? "known" : "unknown";
  for (const ServerBeat& beat : result.servers) {
    all += " " + text(beat.id) + "=" + number(beat.number);
  }
  return all;
}

std::vector<std::string> observe(Storage& storage, const std::vector<JobId>& jobs,
                                 const std::vector<ServerId>& servers,
                                 const std::vector<JobId>& batches) {
  std::vector<std::string> lines;
  for (const JobId id : jobs) add_job(lines, storage, id);
  for (const ServerId server : servers) {
    lines.push_back("held by " + text(server) + " " + list(storage.jobs().held(server)));
  }
  for (const std::string state :
       {"", "Enqueued", "Scheduled", "Awaiting", "Processing", "Succeeded", "Failed", "Deleted",
        "Parked", "Skipped", "BatchStarted", "BatchSucceeded", "BatchCompleted"}) {
    add_list(lines, storage, state);
  }
  for (const JobId batch : batches) add_members(lines, storage, batch);
  add_overviews(lines, storage);
  return lines;
}

}  // namespace portfire::model_test
