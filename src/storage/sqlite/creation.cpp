// Creating jobs.

#include "storage/sqlite/batches.hpp"
#include "storage/sqlite/candidates.hpp"
#include "storage/sqlite/commit.hpp"
#include "storage/sqlite/job_row.hpp"
#include "storage/sqlite/limits.hpp"
#include "storage/sqlite/words.hpp"

namespace portfire::sqlite {

namespace {

std::optional<Refusal> check_parents(Session& session, const NewJob& job) {
  for (const Parent& parent : job.parents) {
    Rows rows = session.database.rows(Query::key_by_id, parent.job);
    if (rows.next()) continue;
    return Refusal{.status = CommitStatus::rejected,
                   .rejection = Rejection::parent_missing,
                   .job = job.id,
                   .holder = parent.job};
  }
  return std::nullopt;
}

// Who holds the key, if it is held.
std::optional<JobId> holder_of(Session& session, const std::string& key) {
  Rows rows = session.database.rows(Query::unique_holder, key);
  if (!rows.next()) return std::nullopt;
  const auto holder = rows.id<JobId>(0);
  if (const auto window_until = rows.maybe(2)) {
    if (session.now < *window_until) return holder;
    return std::nullopt;
  }
  if (rows.is_null(3)) return std::nullopt;
  const auto held_while = StateKinds::from_bits(rows.number<std::uint8_t>(1));
  if (held_while.contains(kind_from_stored(rows.number(3)))) return holder;
  return std::nullopt;
}

void take_key(Session& session, JobRow& row, const UniqueKey& unique) {
  std::optional<std::int64_t> window_until;
  if (unique.window != Duration::zero()) window_until = later(session.now, unique.window);
  session.database.run(Query::take_unique_key, unique.key, row.id, unique.held_while.bits(),
                       window_until);
  session.database.run(Query::set_unique_key_of, row.key, unique.key);
  row.set(marks::extra);
}

// Writes the row of a job that has no state yet. Returns false when the id is taken.
bool insert(Session& session, const JobRow& row, const NewJob& job, std::int64_t batch) {
  sqlite3_stmt* const statement = session.database.statement(Query::create_job);
  const IdBytes id{row.id};
  sqlite3_bind_int64(statement, 1, row.key);
  sqlite3_bind_blob(statement, 2, id.data(), 16, SQLITE_STATIC);
  sqlite3_bind_int64(statement, 3, to_stored(row.kind));
  sqlite3_bind_int64(statement, 4, row.state);
  sqlite3_bind_int64(statement, 5, row.lane);
  sqlite3_bind_int64(statement, 6, row.place);
  sqlite3_bind_int64(statement, 7, row.marks);
  sqlite3_bind_int64(statement, 8, row.since);
  bind_value(statement, 9, row.until);
  sqlite3_bind_int64(statement, 10, row.name);
  if (row.has(marks::payload)) {
    sqlite3_bind_null(statement, 11);
  } else {
    bind_value(statement, 11, std::string_view{job.arguments});
  }
  if (batch != 0) {
    sqlite3_bind_int64(statement, 12, batch);
  } else {
    sqlite3_bind_null(statement, 12);
  }
  const int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  if (code == SQLITE_CONSTRAINT_UNIQUE) return false;
  if (code != SQLITE_DONE) session.database.fail(code);
  return true;
}

void add_belongings(Session& session, JobRow& row, const NewJob& job) {
  Database& database = session.database;
  if (row.has(marks::payload)) database.run(Query::add_payload, row.key, job.arguments);
  for (const auto& [name, value] : job.parameters) {
    database.run(Query::set_parameter, row.key, name, value);
  }
  if (!job.unique.key.empty()) take_key(session, row, job.unique);
  if (!job.limit.key.empty()) add_limit(session, row, job.limit);
}

// The ordinary case: a job of which the row says all.
bool is_plain(const NewJob& job) {
  const StateKind kind = job.state.kind;
  return (kind == StateKind::ready || kind == StateKind::timed) && job.elected_away.empty() &&
         job.parents.empty() && job.unique.key.empty() && job.limit.key.empty() && !job.is_batch &&
         job.state.reason.empty() && job.state.data.empty() && job.state.ending == Ending::none;
}

JobRow new_row(Session& session, const NewJob& job) {
  Catalogue& catalogue = session.catalogue;
  JobRow row;
  row.key = session.next_position();
  row.id = job.id;
  row.kind = job.state.kind;
  row.state = catalogue.state(job.state.name, job.state.kind, job.state.ending);
  row.lane = catalogue.lane(catalogue.name(job.queue), 0, false);
  row.place = place_of(job.priority, row.key);
  row.since = session.now;
  row.created_at = session.now;
  row.name = catalogue.name(job.name);
  if (!job.parameters.empty()) row.set(marks::parameters);
  if (job.arguments.size() > largest_inline_arguments) row.set(marks::payload);
  if (job.batch) row.set(marks::member);
  if (job.is_batch) row.set(marks::batch);
  return row;
}

// A row with its first state: by `enter`, as every other state.
void enter_first(Session& session, JobRow& row, const NewJob& job) {
  // `enter` gives a new place at the tail; there the job is already.
  enter(session, row, job.state, job.elected_away);
  row.place = place_of(job.priority, row.key);
  row.ready_at.reset();
  if (!job.parents.empty()) wait_for_parents(session, row, job);
  write_job_row(session.database, row);
}

std::optional<Refusal> defer_to(Session& session, JobId holder, const NewJob& job,
                                std::vector<CommitResult::Existing>& existing) {
  if (holder == job.id || was_created(session, job.id)) {
    return Refusal{.status = CommitStatus::already_applied};
  }
  const OnDuplicate asked = job.unique.on_duplicate;
  const bool deferred = asked == OnDuplicate::use_existing ||
                        (asked == OnDuplicate::replace && replace_job(session, holder, job));
  if (!deferred) {
    return Refusal{.status = CommitStatus::rejected,
                   .rejection = Rejection::unique_key,
                   .job = job.id,
                   .holder = holder};
  }
  existing.push_back({job.id, holder});
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> create_job(Session& session, const NewJob& job,
                                  std::vector<CommitResult::Existing>& existing) {
  if (!job.unique.key.empty()) {
    if (const std::optional<JobId> holder = holder_of(session, job.unique.key)) {
      return defer_to(session, *holder, job, existing);
    }
  }
  if (!job.parents.empty()) {
    if (std::optional<Refusal> refusal = check_parents(session, job)) {
      // Sent again, perhaps, after a parent was removed.
      if (was_created(session, job.id)) return Refusal{.status = CommitStatus::already_applied};
      return refusal;
    }
  }
  std::int64_t batch = 0;
  if (job.batch) {
    batch = open_batch(session, job.batch);
    if (batch == 0) {
      if (was_created(session, job.id)) return Refusal{.status = CommitStatus::already_applied};
      return Refusal{.status = CommitStatus::rejected,
                     .rejection = Rejection::batch_closed,
                     .job = job.id,
                     .holder = job.batch};
    }
  }
  JobRow row = new_row(session, job);
  const bool plain = is_plain(job);
  if (plain && row.kind == StateKind::timed) {
    row.until = job.state.due_at ? job.state.due_at->time_since_epoch().count()
                                 : later(session.now, job.state.due_in);
    session.news.due = true;
  }
  if (!insert(session, row, job, batch)) return Refusal{.status = CommitStatus::already_applied};
  session.tallies.entered(numbers::created, session.now);
  add_belongings(session, row, job);
  if (batch != 0) count_new_member(session, row, batch);
  if (job.is_batch) add_batch(session, row, job);
  if (!plain) {
    enter_first(session, row, job);
    return std::nullopt;
  }
  session.tallies.arrived(row.lane, row.state);
  if (row.kind == StateKind::ready) {
    session.news.queues.insert(session.catalogue.lane(row.lane).queue);
  }
  return std::nullopt;
}

bool was_created(Session& session, JobId job) {
  Rows rows = session.database.rows(Query::key_by_id, job);
  if (rows.next()) return true;
  if (!session.has_tombstones()) return false;
  Rows remembered = session.database.rows(Query::remembered, job);
  return remembered.next();
}

}  // namespace portfire::sqlite
