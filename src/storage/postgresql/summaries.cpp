#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "storage/postgresql/monitoring.hpp"

namespace portfire::postgresql {

namespace {

struct Holder {
  ServerId server;
  TimePoint since;
};

ShownJob read_summary(const Result& row) {
  ShownJob job;
  JobSummary& summary = job.summary;
  summary.id = row.id<JobId>(1);
  summary.name = row.string(2);
  summary.queue = row.string(3);
  summary.priority = row.number<int>(5);
  summary.state = row.string(6);
  summary.kind = row.number<StateKind>(7);
  summary.reason = row.string(10);
  summary.attempt = row.number<std::uint32_t>(11);
  summary.created_at = row.time(12);
  summary.since = row.time(13);
  job.stored = {
      .state = summary.state, .kind = summary.kind, .at = summary.since, .reason = summary.reason};
  job.until = row.maybe_time(14);
  if (summary.kind == StateKind::timed) summary.due_at = job.until;
  if (!row.is_null(15)) summary.duration = row.span(15);
  summary.arguments = row.string(16);
  summary.batch = row.maybe_id<JobId>(17);
  summary.parameters = row.text_map(18);
  job.epoch = row.number<std::uint64_t>(9);
  summary.no_handler = summary.kind == StateKind::ready && row.flag(4);
  if (row.flag(8)) {
    ++job.epoch;
    summary.kind = StateKind::running;
    summary.state = state_names::processing;
    summary.reason.clear();
    summary.no_handler = false;
  }
  return job;
}

}  // namespace

std::vector<ShownJob> read_summaries(Connection& connection, const std::vector<JobId>& ids) {
  std::vector<ShownJob> jobs;
  if (ids.empty()) return jobs;
  Result rows = connection.run(Query::summaries, ids);
  std::vector<JobId> held;
  std::vector<std::uint64_t> epochs;
  while (rows.next()) {
    const ShownJob& job = jobs.emplace_back(read_summary(rows));
    if (job.summary.kind != StateKind::running) continue;
    held.push_back(job.summary.id);
    epochs.push_back(job.epoch);
  }
  if (held.empty()) return jobs;
  std::unordered_map<JobId, Holder> holders;
  Result found = connection.run(Query::holders, held, epochs);
  while (found.next()) holders[found.id<JobId>(0)] = {found.id<ServerId>(1), found.time(2)};
  for (ShownJob& job : jobs) {
    const auto holder = holders.find(job.summary.id);
    if (holder == holders.end()) continue;
    job.summary.server = holder->second.server;
    job.summary.since = holder->second.since;
  }
  return jobs;
}

}  // namespace portfire::postgresql
