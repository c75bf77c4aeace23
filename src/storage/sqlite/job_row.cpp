#include "storage/sqlite/job_row.hpp"

#include <limits>

#include "model/clip.hpp"
#include "storage/sqlite/batches.hpp"
#include "storage/sqlite/database.hpp"
#include "storage/sqlite/limits.hpp"
#include "storage/sqlite/session.hpp"
#include "storage/sqlite/words.hpp"

namespace portfire::sqlite {

namespace {

// Spans are created negative, which means that there is none yet.
std::optional<std::int64_t> span(const Rows& rows, int column) {
  if (rows.is_null(column) || rows.number(column) < 0) return std::nullopt;
  return rows.number(column);
}

}  // namespace

JobRow read_job_row(const Rows& rows) {
  JobRow row;
  row.key = rows.number(0);
  row.id = rows.id<JobId>(1);
  row.kind = kind_from_stored(rows.number(2));
  row.state = rows.number(3);
  row.lane = rows.number(4);
  row.place = rows.number(5);
  row.epoch = rows.number<std::uint64_t>(6);
  row.marks = rows.number(7);
  row.server = rows.number(8);
  row.since = rows.number(9);
  row.until = rows.maybe(10);
  row.claimed_at = rows.maybe(11);
  row.name = rows.number(12);
  row.created_at = rows.number(13);
  row.ready_at = rows.maybe(14);
  row.attempt = rows.number<std::uint32_t>(15);
  row.start_delay = span(rows, 16);
  row.duration = span(rows, 17);
  return row;
}

std::optional<JobRow> job_by_key(Database& database, std::int64_t key) {
  Rows rows = database.rows(Query::job_by_key, key);
  if (!rows.next()) return std::nullopt;
  return read_job_row(rows);
}

std::optional<JobRow> job_by_id(Database& database, JobId id) {
  Rows rows = database.rows(Query::job_by_id, id);
  if (!rows.next()) return std::nullopt;
  return read_job_row(rows);
}

std::optional<JobRow> find_job(Database& database, JobId id, std::int64_t locator) {
  if (locator != 0) {
    // A shortcut is the caller's word; only the id is the job.
    std::optional<JobRow> row = job_by_key(database, locator);
    if (row && row->id == id) return row;
  }
  return job_by_id(database, id);
}

void write_job_row(Database& database, const JobRow& row) {
  database.run(Query::write_job, row.key, to_stored(row.kind), row.state, row.lane, row.place,
               row.epoch, row.marks, row.server, row.since, row.until, row.claimed_at, row.ready_at,
               row.attempt, row.start_delay, row.duration);
}

std::string arguments_of(Database& database, const JobRow& row) {
  Rows rows = database.rows(
      row.has(marks::payload) ? Query::payload_arguments : Query::job_arguments, row.key);
  return rows.next() ? std::string{rows.text(0)} : std::string{};
}

std::map<std::string, std::string> parameters_of(Database& database, const JobRow& row) {
  std::map<std::string, std::string> parameters;
  if (!row.has(marks::parameters)) return parameters;
  Rows rows = database.rows(Query::parameters, row.key);
  while (rows.next()) parameters.emplace(rows.text(0), rows.text(1));
  return parameters;
}

void change_parameters(Database& database, JobRow& row,
                       const std::map<std::string, std::optional<std::string>>& parameters) {
  for (const auto& [name, value] : parameters) {
    if (value) {
      database.run(Query::set_parameter, row.key, name, *value);
      row.set(marks::parameters);
    } else if (row.has(marks::parameters)) {
      database.run(Query::remove_parameter, row.key, name);
    }
  }
}

Words words_of(Database& database, const JobRow& row) {
  if (!row.has(marks::extra)) return {};
  Rows rows = database.rows(Query::words, row.key);
  if (!rows.next()) return {};
  return {std::string{rows.text(0)}, std::string{rows.text(1)}};
}

void set_words(Database& database, JobRow& row, std::string_view reason, std::string_view data) {
  if (!row.has(marks::extra) && reason.empty() && data.empty()) return;
  database.run(Query::set_words, row.key, clip(reason, longest_reason_bytes), data);
  row.set(marks::extra);
}

std::uint32_t crashes_of(Database& database, const JobRow& row) {
  if (!row.has(marks::extra)) return 0;
  Rows rows = database.rows(Query::crashes, row.key);
  return rows.next() ? rows.number<std::uint32_t>(0) : 0;
}

void set_crashes(Database& database, JobRow& row, std::uint32_t crashes) {
  if (!row.has(marks::extra) && crashes == 0) return;
  database.run(Query::set_crashes, row.key, crashes);
  row.set(marks::extra);
}

namespace {

struct Step {
  std::int64_t state;
  std::int64_t at;
  bool elected_away = false;
  std::int64_t server = no_server;
};

void tell(Session& session, JobRow& row, const Step& step, const Words& words = {}) {
  session.database.run(Query::add_history, row.key, step.state, step.at, step.elected_away,
                       step.server, words.reason, words.data);
  row.set(marks::history);
}

bool is_over(StateKind kind) { return kind == StateKind::parked || kind == StateKind::final; }

void leave_kind(Session& session, JobRow& row) {
  Database& database = session.database;
  if (row.kind == StateKind::waiting) database.run(Query::forget_parents, row.key);
  if (row.has(marks::candidates)) {
    database.run(Query::forget_candidates, row.key);
    row.clear(marks::candidates);
  }
  if (row.kind == StateKind::running) {
    session.tallies.add(Tally::held, row.server, 0, -1);
    session.held.ended(row.key);
    if (row.has(marks::fresh_run)) {
      row.start_delay.reset();
      database.run(Query::set_progress, row.key, nullptr);
      row.clear(marks::fresh_run);
    }
    row.claimed_at = row.since;
  }
  // A run that ended plainly left no mark.
  if (row.claimed_at) row.set(marks::ran);
}

void enter_kind(Session& session, JobRow& row, const State& state) {
  const LaneEntry& lane = session.catalogue.lane(row.lane);
  row.until.reset();
  switch (state.kind) {
    case StateKind::ready:
      row.lane = session.catalogue.lane(lane.queue, 0, row.has(marks::suspect));
      row.place = place_of(row.priority(), session.next_position());
      row.ready_at = session.now;
      session.news.queues.insert(lane.queue);
      return;
    case StateKind::timed:
      row.until = state.due_at ? state.due_at->time_since_epoch().count()
                               : later(session.now, state.due_in);
      session.news.due = true;
      return;
    case StateKind::parked:
    case StateKind::final:
      if (!state.retention) return;
      row.until = later(session.now, *state.retention);
      session.expires(row.key, *row.until);
      return;
    case StateKind::waiting:
    case StateKind::running: return;
  }
}

}  // namespace

void tell_past(Session& session, JobRow& row) {
  if (row.has(marks::told)) return;
  const bool running = row.kind == StateKind::running;
  const bool has_run = is_over(row.kind) && row.server != no_server && row.claimed_at;
  if ((running || has_run) && !row.has(marks::ready_told)) {
    tell(session, row, {.state = numbers::enqueued, .at = row.became_ready_at()});
  }
  if (has_run) {
    tell(session, row, {.state = numbers::processing, .at = *row.claimed_at, .server = row.server});
  }
  row.set(marks::told);
  row.clear(marks::ready_told);
}

void tell_present(Session& session, JobRow& row) {
  tell(session, row,
       {.state = row.state,
        .at = row.since,
        .server = row.kind == StateKind::running ? row.server : no_server},
       words_of(session.database, row));
}

void leave(Session& session, JobRow& row, bool into_columns) {
  if (!into_columns) {
    tell_past(session, row);
    tell_present(session, row);
  }
  session.tallies.left(row.lane, row.state);
  leave_kind(session, row);
}

void enter(Session& session, JobRow& row, const State& asked,
           const std::vector<State>& elected_away, Release release) {
  Catalogue& catalogue = session.catalogue;
  std::optional<State> instead;
  if (row.has(marks::limited)) instead = stand_in_line(session, row, asked);
  const State& state = instead ? *instead : asked;
  count_change(session, row, state, release);
  for (const State& candidate : elected_away) {
    tell(session, row,
         {.state = catalogue.state(candidate.name, candidate.kind, candidate.ending),
          .at = session.now,
          .elected_away = true},
         {.reason = std::string{clip(candidate.reason, longest_reason_bytes)},
          .data = candidate.data});
  }
  enter_kind(session, row, state);
  row.state = catalogue.state(state.name, state.kind, state.ending);
  row.kind = state.kind;
  row.since = session.now;
  // A ready state begins a new past in the columns.
  if (state.kind == StateKind::ready) row.clear(marks::told | marks::ready_told);
  set_words(session.database, row, state.reason, state.data);

  session.tallies.arrived(row.lane, row.state);
  if (is_over(state.kind)) session.tallies.entered(catalogue.state(row.state).name, session.now);
  if (is_over(state.kind) || state.ending != Ending::none) {
    session.news.jobs_ended = true;
    if (session.jobs_are_awaited) session.news.jobs.push_back(row.id);
  }
  if (state.ending != Ending::none && row.has(marks::parent)) {
    session.ended_parents.push_back({row.key, state.ending, release});
  }
}

void take_away(Session& session, JobRow& row, const State& state) {
  leave(session, row);
  ++row.epoch;
  enter(session, row, state);
}

void remove_job(Session& session, const JobRow& row) {
  Database& database = session.database;
  const std::int64_t batch = key_of_batch(database, row);
  session.tallies.left(row.lane, row.state);
  if (row.has(marks::limited)) remove_limit(session, row);
  if (row.has(marks::parent)) database.run(Query::remove_edges_of_parent, row.key);
  if (row.has(marks::payload)) database.run(Query::remove_payload, row.key);
  if (row.has(marks::parameters)) database.run(Query::remove_parameters, row.key);
  if (row.has(marks::history)) database.run(Query::remove_history, row.key);
  if (row.has(marks::log)) database.run(Query::remove_log, row.key);
  if (row.has(marks::extra)) {
    database.run(Query::remove_unique_key_of, row.key, row.id);
    database.run(Query::remove_extra, row.key);
  }
  if (row.epoch > 0) database.run(Query::remove_stopping_of, row.key);
  database.run(Query::remove_job, row.key);
  if (row.has(marks::member | marks::batch)) forget_batches_of(database, row, batch);
}

std::int64_t later(std::int64_t instant, Duration span) {
  constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();
  return span.count() > last - std::max<std::int64_t>(instant, 0) ? last : instant + span.count();
}

}  // namespace portfire::sqlite
