#include <algorithm>
#include <tuple>

#include "storage/memory/history.hpp"
#include "storage/memory/verbs.hpp"

namespace portfire::memory {
namespace {

void fill_summary(JobSummary& summary, const Job& job) {
  const StateKind kind = job.present.kind;
  summary.id = job.id;
  summary.name = job.name;
  summary.queue = job.queue->name;
  summary.priority = job.priority;
  summary.state = job.present.name->text;
  summary.kind = kind;
  summary.reason = job.present.reason();
  summary.attempt = job.attempt;
  summary.created_at = job.created_at;
  summary.since = job.present.since;
  if (kind == StateKind::timed) summary.due_at = job.due_at;
  if (kind == StateKind::running) summary.server = job.run.server;
  summary.duration = job.duration;
  summary.arguments = job.arguments;
  summary.no_handler = kind == StateKind::ready && job.no_handler;
  if (job.batch) summary.batch = job.batch;
  if (job.extra) summary.parameters = job.extra->parameters;
}

void fill_rare(JobDetails& details, const Extra& extra, Data& data) {
  details.unique_key = extra.unique_key;
  if (extra.limited) {
    details.limit_key = extra.limited->limit.key;
    details.in_line = extra.limited->in_line;
  }
  if (extra.members) details.members = extra.members->counts;
  if (extra.stopping) details.stopping_on = extra.stopping->server;
  if (extra.waiting) {
    for (const auto& [index, parent] : extra.waiting->parents) details.parents.push_back(parent);
  }
  for (const auto& [key, slot] : extra.children) {
    const JobId child = data.jobs.at(slot).id;
    // A child that waits for the job twice stands here once; its edges are neighbours.
    if (details.children.empty() || details.children.back() != child) {
      details.children.push_back(child);
    }
  }
}

std::optional<TimePoint> oldest_ready(Data& data, const Queue& queue) {
  MergedReader plain;
  plain.add(queue.plain.calm);
  plain.add(queue.plain.suspect);
  if (plain.done()) return std::nullopt;
  return data.jobs.at(plain.slot()).ready_at;
}

}  // namespace

JobSummary summary_of(const Job& job) {
  JobSummary summary;
  fill_summary(summary, job);
  return summary;
}

Statistics statistics(const Data& data) {
  Statistics result;
  for (const auto& [queue_name, queue] : data.queues) {
    for (const StateName& name : data.state_names.all()) {
      if (name.index >= queue.live.size() || queue.live[name.index] == 0) continue;
      result.live.push_back({queue_name, name.text, queue.live[name.index]});
    }
  }
  std::sort(result.live.begin(), result.live.end(), [](const auto& a, const auto& b) {
    return std::tie(a.queue, a.state) < std::tie(b.queue, b.state);
  });
  for (const StateName& name : data.state_names.all()) {
    if (name.entered > 0) result.lifetime.emplace(name.text, name.entered);
  }
  return result;
}

std::vector<HourCount> history(const Data& data, TimePoint from, TimePoint to) {
  std::vector<HourCount> result;
  if (from >= to) return result;
  const auto& hours = data.hours.all();
  const auto end = hours.lower_bound(to);
  for (auto hour = hours.lower_bound(from); hour != end; ++hour) {
    for (const StateName& name : data.state_names.all()) {
      if (name.index >= hour->second.size() || hour->second[name.index] == 0) continue;
      result.push_back({hour->first, name.text, hour->second[name.index]});
    }
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) {
    return std::tie(a.hour, a.state) < std::tie(b.hour, b.state);
  });
  return result;
}

std::optional<JobDetails> job_details(Data& data, JobId id) {
  const Job* job = data.jobs.find(id);
  if (job == nullptr) return std::nullopt;
  JobDetails details;
  fill_summary(details, *job);
  details.epoch = job->epoch;
  details.ending = job->present.ending;
  details.data = job->present.data();
  details.result = job->result;
  if (job->run.start_delay) details.started_at = job->run.claimed_at + *job->run.start_delay;
  if (job->expires_at != never) details.expires_at = job->expires_at;
  details.history = history_of(*job);
  details.suspect = job->suspect;
  details.crashes = job->crashes;
  details.progress = job->run.progress;
  if (job->extra) fill_rare(details, *job->extra, data);
  return details;
}

std::vector<LogEntry> log(Data& data, JobId id, std::uint64_t after, std::size_t limit) {
  const Job* job = data.jobs.find(id);
  if (job == nullptr || !job->extra) return {};
  const std::vector<LogEntry>& all = job->extra->log;
  const auto begin = std::ranges::upper_bound(all, after, {}, &LogEntry::number);
  const auto count = std::min<std::size_t>(limit, static_cast<std::size_t>(all.end() - begin));
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

std::vector<QueueSummary> queues(Data& data) {
  std::vector<QueueSummary> result;
  for (const auto& [name, queue] : data.queues) {
    if (queue.ready + queue.running == 0 && queue.settings.version == 0) continue;
    result.push_back({.name = name,
                      .ready = queue.ready,
                      .running = queue.running,
                      .no_handler = queue.no_handler,
                      .oldest_ready = oldest_ready(data, queue),
                      .settings = queue.settings});
  }
  return result;
}

std::vector<ServerSummary> servers(const Data& data) {
  std::vector<const Server*> by_start;
  for (const auto& [id, server] : data.servers) by_start.push_back(&server);
  std::sort(by_start.begin(), by_start.end(), [](const Server* a, const Server* b) {
    return std::tie(a->started_at, a->joined) < std::tie(b->started_at, b->joined);
  });
  std::vector<ServerSummary> result;
  for (const Server* server : by_start) {
    result.push_back({.info = server->info,
                      .started_at = server->started_at,
                      .heartbeat_at = server->heartbeat_at,
                      .running = server->held.size(),
                      .stopping = server->stop_requested});
  }
  return result;
}

StorageReport storage_report(const Data& data) {
  StorageReport report{.engine = "memory"};
  report.parts.push_back({.name = "audit log", .rows = data.audit.size()});
  report.parts.push_back({.name = "jobs", .rows = data.jobs.size()});
  return report;
}

}  // namespace portfire::memory
