// All that is known of one job.

#include <string>
#include <utility>
#include <vector>

#include "storage/postgresql/monitoring.hpp"

namespace portfire::postgresql {

namespace {

// Bits of the column `marks`.
constexpr std::int64_t suspect_mark = 32;
constexpr std::int64_t never_ready_mark = 64;

// What the columns of a job tell of its last or present run.
struct Run {
  std::optional<std::int64_t> start_delay;
  std::optional<TimePoint> claimed_at;
  std::optional<ServerId> server;
  std::optional<double> progress;
  std::optional<std::int64_t> reported;  // the epoch that delay and progress are of
  std::optional<TimePoint> ready_at;     // of a finished job whose run stands in no history
};

Run read_run(const Result& row) {
  Run run{.start_delay = row.maybe_number(5),
          .claimed_at = row.maybe_time(6),
          .server = row.maybe_id<ServerId>(7),
          .progress = {},
          .reported = row.maybe_number(9),
          .ready_at = row.maybe_time(10)};
  if (!row.is_null(8)) run.progress = row.real(8);
  return run;
}

void add_run(JobDetails& details, Run run) {
  const bool is_running = details.kind == StateKind::running;
  if (is_running) {
    if (run.reported != static_cast<std::int64_t>(details.epoch)) return;
    run.claimed_at = details.since;
  }
  details.progress = run.progress;
  if (run.claimed_at && run.start_delay) {
    details.started_at = *run.claimed_at + Duration{*run.start_delay};
  }
}

void add_relatives(JobDetails& details, Result& parents, Result& children) {
  while (parents.next()) {
    details.parents.push_back({parents.id<JobId>(0), parents.number<Condition>(1)});
  }
  while (children.next()) details.children.push_back(children.id<JobId>(0));
}

void add_written_history(JobDetails& details, Result& rows) {
  while (rows.next()) {
    details.history.push_back({.state = rows.string(0),
                               .kind = rows.number<StateKind>(1),
                               .at = rows.time(2),
                               .reason = rows.string(3),
                               .data = rows.string(4),
                               .elected_away = rows.flag(5),
                               .server = rows.maybe_id<ServerId>(6)});
  }
}

// What is not written as long as the columns tell it.
void add_history_of_columns(JobDetails& details, const HistoryEntry& stored, bool was_ready,
                            const Run& run) {
  if (details.kind == StateKind::running && was_ready) details.history.push_back(stored);
  if (run.ready_at) {
    details.history.push_back({.state = std::string{state_names::enqueued},
                               .kind = StateKind::ready,
                               .at = *run.ready_at});
    details.history.push_back({.state = std::string{state_names::processing},
                               .kind = StateKind::running,
                               .at = run.claimed_at.value_or(TimePoint{}),
                               .server = run.server});
  }
  details.history.push_back({.state = details.state,
                             .kind = details.kind,
                             .at = details.since,
                             .reason = details.reason,
                             .data = details.data,
                             .server = details.server});
}

}  // namespace

std::optional<JobDetails> read_details(Connection& connection, JobId id) {
  std::vector<ShownJob> shown = read_summaries(connection, {id});
  if (shown.empty()) return std::nullopt;
  ShownJob& job = shown.front();
  const Parameters the_id = Parameters::of(id);
  std::vector<Result> results = connection.run_together(std::vector<Statement>{
      {Query::details, the_id},
      {Query::parents, the_id},
      {Query::children, the_id},
      {Query::job_history, the_id},
      {Query::stopping_on, the_id},
  });
  Result& row = results[0];
  if (!row.next()) return std::nullopt;
  JobDetails details;
  static_cast<JobSummary&>(details) = std::move(job.summary);
  const bool is_running = details.kind == StateKind::running;
  const bool is_over = details.kind == StateKind::parked || details.kind == StateKind::final;
  details.epoch = job.epoch;
  details.result = row.string(0);
  job.stored.data = row.string(1);
  if (!is_running) {
    details.data = job.stored.data;
    details.ending = row.number<Ending>(16);
  }
  details.unique_key = row.string(2);
  details.suspect = (row.number(3) & suspect_mark) != 0;
  details.crashes = row.number<std::uint32_t>(4);
  if (is_over && job.until && *job.until != TimePoint::max()) details.expires_at = job.until;
  if (!row.is_null(11)) {
    details.members = {.total = row.number<std::uint64_t>(11),
                       .outstanding = row.number<std::uint64_t>(12),
                       .succeeded = row.number<std::uint64_t>(13)};
  }
  details.limit_key = row.string(14);
  details.in_line = row.flag(15);
  const Run run = read_run(row);
  add_run(details, run);
  add_relatives(details, results[1], results[2]);
  add_written_history(details, results[3]);
  add_history_of_columns(details, job.stored, (row.number(3) & never_ready_mark) == 0, run);
  if (results[4].next()) details.stopping_on = results[4].id<ServerId>(0);
  return details;
}

}  // namespace portfire::postgresql
