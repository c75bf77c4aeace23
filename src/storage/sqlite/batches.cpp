#include "storage/sqlite/batches.hpp"

#include <optional>
#include <string>
#include <vector>

#include "model/continuation.hpp"
#include "storage/sqlite/candidates.hpp"
#include "storage/sqlite/commit.hpp"
#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

namespace {

struct Counts {
  std::int64_t total = 0;
  std::int64_t outstanding = 0;
  std::int64_t succeeded = 0;
};

Counts counts_after(Database& database, std::int64_t batch, const BatchChange& change) {
  if (change.total != 0 || change.outstanding != 0 || change.succeeded != 0) {
    database.run(Query::change_batch, batch, change.total, change.outstanding, change.succeeded);
  }
  Rows rows = database.rows(Query::batch, batch);
  if (!rows.next()) return {};
  return {rows.number(0), rows.number(1), rows.number(2)};
}

bool is_reopened_by_members(const JobRow& row) {
  const bool elected = row.kind == StateKind::timed && row.has(marks::candidates);
  return row.kind == StateKind::parked || row.kind == StateKind::final || elected;
}

void reopen(Session& session, JobRow& row) {
  State opened = candidate_in(session.database, row, Role::opened);
  opened.reason = reasons::reopened;
  leave(session, row);
  enter(session, row, opened);
  write_job_row(session.database, row);
}

void begin_sweep(Session& session, const JobRow& row) {
  std::optional<std::int64_t> retention;
  if (row.until) retention = *row.until - row.since;
  session.database.run(Query::begin_sweep, row.key, retention);
  session.news.due = true;
}

void decide(Session& session, std::int64_t batch, const BatchChange& change) {
  const Counts counts = counts_after(session.database, batch, change);
  std::optional<JobRow> row = job_by_key(session.database, batch);
  if (!row) return;
  if (session.catalogue.state(row->state).ending == Ending::deleted) {
    begin_sweep(session, *row);
  } else if (counts.outstanding == 0 && row->kind == StateKind::waiting) {
    const bool all_succeeded = counts.succeeded == counts.total;
    conclude(session, *row, all_succeeded ? Role::all_succeeded : Role::all_ended, change.release);
  } else if (counts.outstanding > 0 && is_reopened_by_members(*row)) {
    reopen(session, *row);
  }
}

void remove_member(Session& session, JobRow& row, std::optional<Duration> retention) {
  const bool running = row.kind == StateKind::running;
  leave(session, row);
  if (running) revoke(session, row);
  enter(session, row, deleted_with_batch(retention));
  write_job_row(session.database, row);
  settle(session);
}

}  // namespace

std::int64_t key_of_batch(Database& database, const JobRow& row) {
  if (!row.has(marks::member)) return 0;
  Rows rows = database.rows(Query::batch_of, row.key);
  return rows.next() ? rows.number(0) : 0;
}

std::int64_t open_batch(Session& session, JobId id) {
  if (session.last_open_batch && session.last_open_batch->first == id) {
    return session.last_open_batch->second;
  }
  const std::optional<JobRow> row = job_by_id(session.database, id);
  if (!row || !row->has(marks::batch)) return 0;
  if (session.catalogue.state(row->state).ending == Ending::deleted) return 0;
  session.last_open_batch.emplace(id, row->key);
  return row->key;
}

void add_batch(Session& session, JobRow& row, const NewJob& description) {
  session.database.run(Query::add_batch, row.key, row.id);
  add_candidate(session.database, row, Role::opened, description.state);
  add_candidate(session.database, row, Role::all_succeeded, description.when_met);
  add_candidate(session.database, row, Role::all_ended, description.when_unmet);
  // These last; the mark is of those that the next change of state forgets.
  row.clear(marks::candidates);
  session.batch_changes[row.key];
}

void count_new_member(Session& session, const JobRow& row, std::int64_t batch) {
  const Ending ending = session.catalogue.state(row.state).ending;
  BatchChange& change = session.batch_changes[batch];
  ++change.total;
  if (!ends_member(row.kind, ending)) {
    ++change.outstanding;
  } else if (ending == Ending::succeeded) {
    ++change.succeeded;
  }
}

void count_change(Session& session, const JobRow& row, const State& next, Release release) {
  if (row.has(marks::batch) && next.ending == Ending::deleted) session.batch_changes[row.key];
  if (!row.has(marks::member)) return;
  const Ending left = session.catalogue.state(row.state).ending;
  const bool ended = ends_member(row.kind, left);
  const bool ends = ends_member(next.kind, next.ending);
  const int outstanding = (ends ? 0 : 1) - (ended ? 0 : 1);
  const int succeeded = (ends && next.ending == Ending::succeeded ? 1 : 0) -
                        (ended && left == Ending::succeeded ? 1 : 0);
  if (outstanding == 0 && succeeded == 0) return;
  BatchChange& change = session.batch_changes[key_of_batch(session.database, row)];
  change.outstanding += outstanding;
  change.succeeded += succeeded;
  if (release == Release::elect) change.release = release;
}

void count_removal(Session& session, const JobRow& row) {
  if (!row.has(marks::member)) return;
  if (ends_member(row.kind, session.catalogue.state(row.state).ending)) return;
  --session.batch_changes[key_of_batch(session.database, row)].outstanding;
}

void settle_batches(Session& session) {
  session.last_open_batch.reset();
  BatchChanges& changes = session.batch_changes;
  while (!changes.empty()) {
    const auto [batch, change] = *changes.begin();
    changes.erase(changes.begin());
    decide(session, batch, change);
    settle(session);
  }
}

std::size_t sweep_batches(Session& session, std::size_t max) {
  Database& database = session.database;
  std::size_t examined = 0;
  std::size_t removed = 0;
  while (examined < max) {
    std::int64_t batch = 0;
    std::int64_t swept_up_to = 0;
    std::optional<Duration> retention;
    {
      Rows rows = database.rows(Query::next_sweep);
      if (!rows.next()) break;
      batch = rows.number(0);
      swept_up_to = rows.number(1);
      if (const auto span = rows.maybe(2)) retention = Duration{*span};
    }
    std::vector<std::int64_t> members;  // by key
    {
      Rows rows = database.rows(Query::members_from, batch, swept_up_to, max - examined);
      while (rows.next()) members.push_back(rows.number(0));
    }
    const bool done = members.size() < max - examined;
    examined += members.size();
    for (const std::int64_t member : members) {
      // An earlier one may have taken it along.
      std::optional<JobRow> row = job_by_key(database, member);
      if (!row || ends_member(row->kind, session.catalogue.state(row->state).ending)) continue;
      remove_member(session, *row, retention);
      ++removed;
    }
    database.run(Query::go_on_sweeping, batch, done ? std::int64_t{-1} : members.back());
  }
  settle_batches(session);
  return removed;
}

bool has_sweeps(Database& database) { return database.rows(Query::next_sweep).next(); }

void forget_batches_of(Database& database, const JobRow& row, std::int64_t batch) {
  if (row.has(marks::batch)) {
    database.run(Query::remove_candidates, row.key);
    database.run(Query::remove_batch, row.key);
  }
  if (batch != 0) database.run(Query::remove_batch, batch);
}

JobId batch_of(Database& database, const JobRow& row) {
  const std::int64_t batch = key_of_batch(database, row);
  if (batch == 0) return {};
  Rows rows = database.rows(Query::batch_id, batch);
  return rows.next() ? rows.id<JobId>(0) : JobId{};
}

}  // namespace portfire::sqlite
