#include "storage/sqlite/candidates.hpp"

#include <optional>
#include <vector>

#include "model/continuation.hpp"
#include "storage/sqlite/database.hpp"
#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

namespace {

std::optional<State> read_candidate(Database& database, std::int64_t key, Role role) {
  Rows rows = database.rows(Query::candidate, key, role);
  if (!rows.next()) return std::nullopt;
  State state{.name = std::string{rows.text(0)},
              .kind = rows.number<StateKind>(1),
              .ending = rows.number<Ending>(2),
              .reason = std::string{rows.text(3)},
              .data = std::string{rows.text(4)},
              .due_in = Duration{rows.number(5)}};
  if (const auto due_at = rows.maybe(6)) state.due_at = TimePoint{Duration{*due_at}};
  if (const auto retention = rows.maybe(7)) state.retention = Duration{*retention};
  return state;
}

// The decision is made; `promote` finds the child due and has it elected.
void make_due(Session& session, JobRow& child, Role role) {
  if (child.has(marks::batch)) {
    session.database.run(Query::copy_candidate, child.key, role);
    child.set(marks::candidates);
  } else {
    session.database.run(Query::forget_parents, child.key);
    session.database.run(Query::choose_candidate, child.key, role);
  }
  session.tallies.left(child.lane, child.state);
  const StateEntry entry = session.catalogue.state(child.state);
  child.state =
      session.catalogue.state(session.catalogue.text(entry.name), StateKind::timed, entry.ending);
  child.kind = StateKind::timed;
  child.until = session.now;
  session.tallies.arrived(child.lane, child.state);
  session.news.due = true;
}

struct Edge {
  std::int64_t child;
  std::int64_t number;
  Condition condition;
};

std::vector<Edge> edges_of(Database& database, std::int64_t parent) {
  std::vector<Edge> edges;
  Rows rows = database.rows(Query::edges_of_parent, parent);
  while (rows.next()) edges.push_back({rows.number(0), rows.number(1), rows.number<Condition>(2)});
  return edges;
}

bool waits_for_others(Database& database, std::int64_t child) {
  Rows rows = database.rows(Query::edges_of_child, child);
  return rows.next();
}

void decide_children(Session& session, const Session::EndedParent& parent) {
  Database& database = session.database;
  for (const Edge& edge : edges_of(database, parent.key)) {
    const Verdict verdict = decide(edge.condition, parent.ending);
    if (verdict == Verdict::waits) continue;
    database.run(Query::remove_edge, parent.key, edge.child, edge.number);
    // An earlier edge of the same child may have decided already, which removed this one.
    if (database.changes() == 0) continue;
    if (verdict == Verdict::met && waits_for_others(database, edge.child)) continue;
    std::optional<JobRow> child = job_by_key(database, edge.child);
    if (!child || child->kind != StateKind::waiting) continue;
    conclude(session, *child, verdict == Verdict::met ? Role::when_met : Role::when_unmet,
             parent.release);
  }
}

}  // namespace

void add_candidate(Database& database, JobRow& row, Role role, const State& state) {
  database.run(Query::add_candidate, row.key, role, state.name, state.kind, state.ending,
               state.reason, state.data, state.due_in, state.due_at, state.retention);
  row.set(marks::candidates);
}

State due_candidate(Database& database, const JobRow& row) {
  if (row.has(marks::candidates)) {
    if (std::optional<State> candidate = read_candidate(database, row.key, Role::when_due)) {
      return *candidate;
    }
  }
  return states::enqueued(std::string{reasons::due});
}

State candidate_in(Database& database, const JobRow& row, Role role) {
  return read_candidate(database, row.key, role).value_or(states::enqueued());
}

void conclude(Session& session, JobRow& row, Role role, Release release) {
  if (release == Release::elect) {
    make_due(session, row, role);
  } else {
    const State next = candidate_in(session.database, row, role);
    leave(session, row);
    enter(session, row, next, {}, release);
  }
  write_job_row(session.database, row);
}

void settle(Session& session) {
  // Grows while it is worked off.
  for (std::size_t i = 0; i < session.ended_parents.size(); ++i) {
    decide_children(session, Session::EndedParent{session.ended_parents[i]});
  }
  session.ended_parents.clear();
}

void wait_for_parents(Session& session, JobRow& child, const NewJob& description) {
  Database& database = session.database;
  bool unmet = false;
  bool waits = false;
  std::int64_t number = 0;
  for (const Parent& parent : description.parents) {
    ++number;
    const std::optional<JobRow> row = job_by_id(database, parent.job);
    const Verdict verdict = decide(parent.on, session.catalogue.state(row->state).ending);
    if (verdict == Verdict::unmet) unmet = true;
    if (verdict != Verdict::waits) continue;
    waits = true;
    database.run(Query::add_edge, row->key, child.key, number, parent.on);
    database.run(Query::mark_parent, row->key, marks::parent);
  }
  add_candidate(database, child, Role::when_met, description.when_met);
  add_candidate(database, child, Role::when_unmet, description.when_unmet);
  if (!unmet && waits) return;
  // Nobody can wait for a job that is being created: nothing ends with it.
  const State next = unmet ? description.when_unmet : description.when_met;
  leave(session, child);
  enter(session, child, next);
}

}  // namespace portfire::sqlite
