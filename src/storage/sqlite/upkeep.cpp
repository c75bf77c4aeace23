#include "storage/sqlite/upkeep.hpp"

#include <algorithm>
#include <vector>

#include "storage/common/requests.hpp"
#include "storage/sqlite/batches.hpp"
#include "storage/sqlite/candidates.hpp"
#include "storage/sqlite/job_row.hpp"
#include "storage/sqlite/limits.hpp"
#include "storage/sqlite/packed.hpp"
#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

namespace {

constexpr std::int64_t hour = 3'600'000'000;
// Units may be sent again for at least an hour.
constexpr std::int64_t units_are_kept = hour;
constexpr std::int64_t hours_are_kept = 32 * 24;
// Old bookkeeping is removed in portions, so that a long pause makes no long transaction.
constexpr std::int64_t portion = 10'000;

DueJob due_job(Session& session, const JobRow& row) {
  const StateEntry& state = session.catalogue.state(row.state);
  Words words = words_of(session.database, row);
  return {.job = row.id,
          .name = session.catalogue.text(row.name),
          .queue = session.catalogue.queue_of(row.lane),
          .current = {.name = session.catalogue.text(state.name),
                      .kind = state.kind,
                      .ending = state.ending,
                      .reason = std::move(words.reason),
                      .data = std::move(words.data),
                      .due_at = TimePoint{Duration{row.until.value_or(0)}}},
          .candidate = due_candidate(session.database, row)};
}

// Removes jobs whose time has come, following the rows of `expiry`.
class Expiry {
 public:
  Expiry(Session& session, std::size_t max) : session_{session}, max_{max} {}

  ExpireResult run() {
    while (removed_ < max_ && take_row()) {
    }
    settle_batches(session_);
    settle_limits(session_);
    return {.removed = removed_, .more = removed_ >= max_};
  }

 private:
  bool take_row() {
    std::int64_t at = 0;
    std::int64_t number = 0;
    std::vector<std::int64_t> keys;
    {
      Rows rows = session_.database.rows(Query::first_expiry, session_.now);
      if (!rows.next()) return false;
      at = rows.number(0);
      number = rows.number(1);
      PackedReader reader{rows.blob(2)};
      for (std::int64_t key = 0; reader.next(key);) keys.push_back(key);
    }
    session_.database.run(Query::remove_expiry, at, number);
    std::size_t done = 0;
    while (done < keys.size() && removed_ < max_) remove(keys[done++], at);
    if (done < keys.size()) {
      PackedWriter rest;
      for (; done < keys.size(); ++done) rest.add(keys[done]);
      session_.database.run(Query::add_expiry, at, number, Blob{rest.bytes()});
    }
    return true;
  }

  void remove(std::int64_t key, std::int64_t at) {
    std::optional<JobRow> row = job_by_key(session_.database, key);
    const bool over = row && (row->kind == StateKind::parked || row->kind == StateKind::final);
    // Otherwise it has moved on since, and expires at another time or not at all.
    if (!over || row->until != at) return;
    ++removed_;
    if (row->created_at > session_.now - units_are_kept) {
      session_.database.run(Query::remember_job, row->id, session_.now);
      session_.add_tombstones(session_.database.changes());
    }
    count_removal(session_, *row);
    if (row->has(marks::parent)) {
      // Its children are decided as though it had been deleted; they still look for it meanwhile.
      session_.ended_parents.push_back({row->key, Ending::deleted, Release::straight});
      settle(session_);
    }
    remove_job(session_, *row);
  }

  Session& session_;
  const std::size_t max_;
  std::size_t removed_ = 0;
};

void forget_the_past(Session& session) {
  Database& database = session.database;
  const std::int64_t before = session.now - units_are_kept;
  if (session.has_tombstones()) {
    Rows rows = database.rows(Query::count_old_tombstones, before, portion);
    const std::int64_t old = rows.next() ? rows.number(0) : 0;
    if (old > 0) session.add_tombstones(-old);
  }
  database.run(Query::forget_remembered, before, portion);
  database.run(Query::forget_hours, session.now / hour - hours_are_kept);
  database.run(Query::forget_windows, session.now, portion);
}

void note(Session& session, const Report& report) {
  Database& database = session.database;
  std::optional<JobRow> row = find_job(database, report.execution.job, report.execution.locator);
  if (!row || row->kind != StateKind::running || row->epoch != report.execution.epoch) return;
  if (row->has(marks::fresh_run) && (report.start_delay || report.progress)) {
    // From now on these columns tell of this run.
    row->start_delay.reset();
    database.run(Query::set_progress, row->key, nullptr);
    row->clear(marks::fresh_run);
  }
  if (report.start_delay) {
    row->start_delay = report.start_delay->count();
    row->set(marks::ran);
  }
  if (report.progress) {
    database.run(Query::add_progress, row->key, *report.progress);
    row->set(marks::extra | marks::ran);
  }
  for (const ReportLine& line : report.lines) {
    database.run(Query::add_log, row->key, log_number(row->epoch, line), session.now, line.level,
                 line.text);
    row->set(marks::log);
  }
  write_job_row(database, *row);
}

}  // namespace

PromoteResult promote(Session& session, const PromoteRequest& request) {
  std::vector<JobRow> due;
  {
    Rows rows = session.database.rows(Query::due_jobs, session.now, request.max);
    while (rows.next()) due.push_back(read_job_row(rows));
  }
  PromoteResult result;
  for (JobRow& row : due) {
    if (request.elect) {
      result.elect.push_back(due_job(session, row));
      continue;
    }
    const State candidate = due_candidate(session.database, row);
    leave(session, row);
    enter(session, row, candidate);
    write_job_row(session.database, row);
    settle(session);
    ++result.promoted;
  }
  settle_batches(session);
  settle_limits(session);
  result.promoted += sweep_batches(session, request.max);
  settle_limits(session);
  if (const auto next = next_due(session.database)) {
    result.next_due_in = Duration{std::max<std::int64_t>(*next - session.now, 0)};
  }
  return result;
}

std::optional<std::int64_t> next_due(Database& database) {
  if (has_sweeps(database)) return 0;
  Rows rows = database.rows(Query::next_due);
  if (!rows.next()) return std::nullopt;
  return rows.maybe(0);
}

ExpireResult expire(Session& session, std::size_t max) {
  const ExpireResult result = Expiry{session, max}.run();
  forget_the_past(session);
  return result;
}

void report(Session& session, std::span<const Report> reports) {
  for (const Report& one : reports) note(session, one);
}

bool set_parameters(Session& session, JobId job,
                    const std::map<std::string, std::optional<std::string>>& parameters) {
  std::optional<JobRow> row = job_by_id(session.database, job);
  if (!row) return false;
  change_parameters(session.database, *row, parameters);
  write_job_row(session.database, *row);
  return true;
}

}  // namespace portfire::sqlite
