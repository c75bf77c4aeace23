// Changes of state.

#include "storage/sqlite/candidates.hpp"
#include "storage/sqlite/commit.hpp"
#include "storage/sqlite/job_row.hpp"

namespace portfire::sqlite {

namespace {

Refusal refuse(const Transition& transition, Conflict conflict) {
  return {.conflict = conflict, .job = transition.job};
}

// The job is running and its holder has no say: it is told, and until it answers the job says that the
// handler may still run.
void revoke(Session& session, JobRow& row) {
  session.database.run(Query::note_stopping, row.key, row.epoch, row.server);
  session.news.servers.push_back(session.server_id(row.server));
  ++row.epoch;
}

void change_columns(Session& session, JobRow& row, const Transition& transition) {
  change_parameters(session.database, row, transition.parameters);
  if (transition.attempt) row.attempt = *transition.attempt;
  if (transition.priority) {
    // Keeps its place among its equals.
    const std::int64_t position = row.place + (std::int64_t{row.priority()} << place_bits);
    row.place = place_of(*transition.priority, position);
  }
}

void change_queue(Session& session, JobRow& row, const Transition& transition) {
  if (!transition.queue) return;
  Catalogue& catalogue = session.catalogue;
  row.lane = catalogue.lane(catalogue.name(*transition.queue), 0, row.has(marks::suspect));
}

void record_run(Session& session, JobRow& row, const Transition& transition) {
  row.start_delay = transition.start_delay.count();
  row.duration = transition.duration.count();
  session.database.run(Query::set_result, row.key,
                       transition.result.empty() ? std::optional<std::string_view>{}
                                                 : std::string_view{transition.result});
  row.clear(marks::suspect);
  set_crashes(session.database, row, 0);
}

}  // namespace

std::optional<Refusal> apply_transition(Session& session, const Transition& transition) {
  std::optional<JobRow> row = find_job(session.database, transition.job, transition.locator);
  if (!row) return refuse(transition, Conflict::not_found);
  const bool running = row->kind == StateKind::running;
  if (transition.epoch) {
    if (*transition.epoch != row->epoch) return refuse(transition, Conflict::epoch);
    // Only the holder can have ended it under this epoch: every other way out raises the epoch.
    if (!running) return Refusal{.status = CommitStatus::already_applied};
  }
  if (!transition.expected_state.empty() &&
      transition.expected_state != session.catalogue.state_name(row->state)) {
    return refuse(transition, Conflict::state);
  }

  const bool over =
      transition.state.kind == StateKind::parked || transition.state.kind == StateKind::final;
  const bool into_columns = transition.epoch && over && transition.elected_away.empty() &&
                            !row->has(marks::told);
  leave(session, *row, into_columns);
  if (running && !transition.epoch) revoke(session, *row);
  if (transition.epoch) record_run(session, *row, transition);
  change_columns(session, *row, transition);
  change_queue(session, *row, transition);
  enter(session, *row, transition.state, transition.elected_away, transition.release);
  write_job_row(session.database, *row);
  settle(session);
  return std::nullopt;
}

void note_stopped(Session& session, const Transition& transition) {
  if (!transition.epoch) return;
  const std::optional<JobRow> row =
      find_job(session.database, transition.job, transition.locator);
  if (!row || row->epoch == *transition.epoch) return;
  session.database.run(Query::clear_stopping, row->key, *transition.epoch);
  const HeldJob* const held = session.held.find(row->key);
  if (held != nullptr && held->epoch == *transition.epoch) session.held.ended(row->key);
}

PlainFinish::PlainFinish(Session& session)
    : session_{session}, statement_{session.database.statement(Query::finish_plain)} {}

bool PlainFinish::try_apply(const Transition& transition) {
  const State& state = transition.state;
  const bool plain = transition.epoch && transition.locator != 0 &&
                     (state.kind == StateKind::final || state.kind == StateKind::parked) &&
                     state.reason.empty() && state.data.empty() &&
                     transition.elected_away.empty() && transition.expected_state.empty() &&
                     transition.parameters.empty() && !transition.attempt && !transition.queue &&
                     !transition.priority;
  if (!plain) return false;
  const HeldJob* const held = session_.held.find(transition.locator);
  if (held == nullptr || held->id != transition.job || held->epoch != *transition.epoch ||
      (held->marks & ~marks::harmless) != 0) {
    return false;
  }
  bind_state(state);
  sqlite3_bind_int64(statement_, 1, held->key);
  sqlite3_bind_int64(statement_, 2, static_cast<std::int64_t>(held->epoch));
  sqlite3_bind_int64(statement_, 3, held->marks);
  sqlite3_bind_int64(statement_, 4, transition.start_delay.count());
  sqlite3_bind_int64(statement_, 5, transition.duration.count());
  if (transition.result.empty()) {
    sqlite3_bind_null(statement_, 6);
  } else {
    bind_value(statement_, 6, std::string_view{transition.result});
  }
  session_.database.finish(statement_);
  if (session_.database.changes() == 0) return false;

  gather(*held);
  if (retention_) session_.expires(held->key, until_);
  session_.held.ended(held->key);
  if (session_.jobs_are_awaited) session_.news.jobs.push_back(transition.job);
  return true;
}

void PlainFinish::bind_state(const State& state) {
  // Nearly always the same as the last: then everything is bound already.
  if (state_ != 0 && state.name == state_name_ && state.ending == ending_ &&
      state.retention == retention_) {
    return;
  }
  state_name_ = state.name;
  ending_ = state.ending;
  retention_ = state.retention;
  state_ = session_.catalogue.state(state.name, state.kind, state.ending);
  if (retention_) until_ = later(session_.now, *retention_);
  sqlite3_bind_int64(statement_, 7, to_stored(state.kind));
  sqlite3_bind_int64(statement_, 8, state_);
  sqlite3_bind_int64(statement_, 9, session_.now);
  if (retention_) {
    sqlite3_bind_int64(statement_, 10, until_);
  } else {
    sqlite3_bind_null(statement_, 10);
  }
}

void PlainFinish::gather(const HeldJob& held) {
  if (count_ > 0 && (held.lane != lane_ || held.state != from_ || held.server != server_ ||
                     state_ != to_)) {
    flush();
  }
  lane_ = held.lane;
  from_ = held.state;
  to_ = state_;
  server_ = held.server;
  ++count_;
}

void PlainFinish::flush() {
  if (count_ == 0) return;
  Tallies& tallies = session_.tallies;
  tallies.left(lane_, from_, count_);
  tallies.arrived(lane_, to_, count_);
  tallies.add(Tally::held, server_, 0, -count_);
  tallies.entered(session_.catalogue.state(to_).name, session_.now, count_);
  session_.news.jobs_ended = true;
  count_ = 0;
}

}  // namespace portfire::sqlite
