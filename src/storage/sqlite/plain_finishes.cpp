#include "storage/sqlite/plain_finishes.hpp"

#include <algorithm>
#include <utility>

#include "model/continuation.hpp"
#include "storage/sqlite/batches.hpp"
#include "storage/sqlite/job_row.hpp"

namespace portfire::sqlite {

namespace {

// A walk along the keys pays as long as not many rows in between belong to others.
constexpr std::int64_t widest_walk_per_end = 6;
constexpr std::size_t fewest_for_a_walk = 4;

bool is_plain(const Transition& transition) {
  const State& state = transition.state;
  return transition.epoch && transition.locator != 0 &&
         (state.kind == StateKind::final || state.kind == StateKind::parked) &&
         state.reason.empty() && state.data.empty() && transition.elected_away.empty() &&
         transition.expected_state.empty() && transition.parameters.empty() &&
         !transition.attempt && !transition.queue && !transition.priority && !transition.crashes;
}

}  // namespace

bool PlainFinishes::gather(const Transition& transition, std::size_t index) {
  if (!is_plain(transition)) return false;
  const HeldJob* const held = session_.held.find(transition.locator);
  if (held == nullptr || held->id != transition.job || held->epoch != *transition.epoch ||
      (held->marks & ~marks::harmless) != 0) {
    return false;
  }
  const bool is_member = (held->marks & marks::member) != 0;
  if (is_member && (held->batch == 0 || transition.release == Release::elect)) return false;
  if (!fits(transition.state)) {
    apply_alike(refused_);
    state_ = transition.state;
    entered_ = session_.catalogue.state(state_.name, state_.kind, state_.ending);
    if (state_.retention) until_ = later(session_.now, *state_.retention);
  }
  session_.plain_ends.all().push_back(
      {.key = held->key,
       .epoch = held->epoch,
       .start_delay = std::max<std::int64_t>(transition.start_delay.count(), 0),
       .duration = std::max<std::int64_t>(transition.duration.count(), 0),
       .result = transition.result,
       .index = index});
  return true;
}

std::vector<std::size_t> PlainFinishes::apply() {
  apply_alike(refused_);
  return std::exchange(refused_, {});
}

bool PlainFinishes::fits(const State& state) const {
  return entered_ != 0 && state.name == state_.name && state.kind == state_.kind &&
         state.ending == state_.ending && state.retention == state_.retention;
}

void PlainFinishes::apply_alike(std::vector<std::size_t>& refused) {
  std::vector<PlainEnd>& ends = session_.plain_ends.all();
  if (ends.empty()) return;
  if (!std::ranges::is_sorted(ends, {}, &PlainEnd::key)) {
    // Of two ends of one run, the first to come counts.
    std::ranges::sort(ends, {}, [](const PlainEnd& end) { return std::pair{end.key, end.index}; });
  }
  const std::int64_t width = ends.back().key - ends.front().key;
  const auto count = static_cast<std::int64_t>(ends.size());
  if (ends.size() >= fewest_for_a_walk && width <= widest_walk_per_end * count) {
    apply_range(ends);
  } else {
    apply_each(ends);
  }
  for (const PlainEnd& end : ends) {
    if (end.applied) {
      note(end);
    } else {
      refused.push_back(end.index);
    }
  }
  add_numbers();
  settle_batches(session_);
  ends.clear();
  // Refused ones are looked at in the order in which they came.
  std::ranges::sort(refused);
}

void PlainFinishes::apply_range(std::vector<PlainEnd>& ends) {
  sqlite3_stmt* const statement = session_.database.statement(Query::finish_plain_range);
  sqlite3_bind_int64(statement, 1, ends.front().key);
  sqlite3_bind_int64(statement, 2, ends.back().key);
  bind_state(statement);
  session_.plain_ends.rewind();
  session_.database.finish(statement);
}

void PlainFinishes::apply_each(std::vector<PlainEnd>& ends) {
  sqlite3_stmt* const statement = session_.database.statement(Query::finish_plain);
  bind_state(statement);
  for (PlainEnd& end : ends) {
    sqlite3_bind_int64(statement, 1, end.key);
    sqlite3_bind_int64(statement, 2, static_cast<sqlite3_int64>(end.epoch));
    sqlite3_bind_int64(statement, 7, end.start_delay);
    sqlite3_bind_int64(statement, 8, end.duration);
    if (end.result.empty()) {
      sqlite3_bind_null(statement, 9);
    } else {
      bind_value(statement, 9, end.result);
    }
    session_.database.finish(statement);
    end.applied = session_.database.changes() > 0;
  }
}

void PlainFinishes::bind_state(sqlite3_stmt* statement) {
  sqlite3_bind_int64(statement, 3, to_stored(state_.kind));
  sqlite3_bind_int64(statement, 4, entered_);
  sqlite3_bind_int64(statement, 5, session_.now);
  if (state_.retention) {
    sqlite3_bind_int64(statement, 6, until_);
  } else {
    sqlite3_bind_null(statement, 6);
  }
}

void PlainFinishes::note(const PlainEnd& end) {
  HeldJob& held = *session_.held.find(end.key);
  if (held.lane != lane_ || held.state != left_ || held.server != server_) {
    add_numbers();
    lane_ = held.lane;
    left_ = held.state;
    server_ = held.server;
  }
  ++count_;
  session_.held.ended(held);
  if (state_.retention) session_.expires(end.key, until_);
  if (held.batch != 0 && ends_member(state_.kind, state_.ending)) {
    BatchChange& change = session_.batch_changes[held.batch];
    --change.outstanding;
    if (state_.ending == Ending::succeeded) ++change.succeeded;
  }
  if (session_.jobs_are_awaited) session_.news.jobs.push_back(held.id);
}

void PlainFinishes::add_numbers() {
  if (count_ == 0) return;
  Tallies& tallies = session_.tallies;
  tallies.left(lane_, left_, count_);
  tallies.arrived(lane_, entered_, count_);
  tallies.add(Tally::held, server_, 0, -count_);
  tallies.entered(session_.catalogue.state(entered_).name, session_.now, count_);
  session_.news.jobs_ended = true;
  count_ = 0;
}

}  // namespace portfire::sqlite
