// Changes of state.

#include <algorithm>

#include "storage/sqlite/candidates.hpp"
#include "storage/sqlite/commit.hpp"
#include "storage/sqlite/job_row.hpp"

namespace portfire::sqlite {

namespace {

Refusal refuse(const Transition& transition, Conflict conflict) {
  return {.conflict = conflict, .job = transition.job};
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
  row.start_delay = std::max<std::int64_t>(transition.start_delay.count(), 0);
  row.duration = std::max<std::int64_t>(transition.duration.count(), 0);
  session.database.run(Query::set_result, row.key,
                       transition.result.empty() ? std::optional<std::string_view>{}
                                                 : std::string_view{transition.result});
  if (transition.crashes) {
    row.set(marks::suspect);
  } else {
    row.clear(marks::suspect);
  }
  set_crashes(session.database, row, transition.crashes.value_or(0));
}

}  // namespace

void revoke(Session& session, JobRow& row) {
  session.database.run(Query::note_stopping, row.key, row.epoch, row.server);
  session.news.servers.push_back(session.server_id(row.server));
  ++row.epoch;
}

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
  const StateKind next = transition.state.kind;
  if (row->has(marks::batch) && (next == StateKind::ready || next == StateKind::timed)) {
    return refuse(transition, Conflict::batch);
  }

  const bool over =
      transition.state.kind == StateKind::parked || transition.state.kind == StateKind::final;
  const bool into_columns =
      transition.epoch && over && transition.elected_away.empty() && !row->has(marks::told);
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
  const std::optional<JobRow> row = find_job(session.database, transition.job, transition.locator);
  if (!row || row->epoch == *transition.epoch) return;
  session.database.run(Query::clear_stopping, row->key, *transition.epoch);
  const HeldJob* const held = session.held.find(row->key);
  if (held != nullptr && held->epoch == *transition.epoch) session.held.ended(row->key);
}

}  // namespace portfire::sqlite
