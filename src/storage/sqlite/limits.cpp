#include "storage/sqlite/limits.hpp"

#include <string>

#include <portfire/storage/job_store.hpp>

#include "model/limit.hpp"
#include "storage/sqlite/candidates.hpp"
#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

namespace {

struct Limited {
  Limit limit;
  bool counts;
  bool in_line;
};

Limited read_limited(Database& database, std::int64_t job) {
  Rows rows = database.rows(Query::limited, job);
  rows.next();
  return {.limit = {.key = std::string{rows.text(0)},
                    .at_once = rows.number<std::uint32_t>(1),
                    .counts_while = StateKinds::from_bits(rows.number<std::uint8_t>(2))},
          .counts = rows.number(3) != 0,
          .in_line = rows.number(4) != 0};
}

struct First {
  std::int64_t job;
  std::int64_t at_once;
};

std::optional<First> first_in_line(Database& database, const std::string& key) {
  Rows rows = database.rows(Query::first_in_line, key);
  if (!rows.next()) return std::nullopt;
  return First{rows.number(0), rows.number(1)};
}

std::int64_t counting(Database& database, const std::string& key) {
  Rows rows = database.rows(Query::counting, key);
  return rows.next() ? rows.number(0) : 0;
}

void begin_to_count(Database& database, std::int64_t job, const std::string& key) {
  database.run(Query::set_limited, job, true, nullptr);
  database.run(Query::count_limited, key, std::int64_t{1});
}

void stop_counting(Session& session, const std::string& key) {
  session.database.run(Query::count_limited, key, std::int64_t{-1});
  session.database.run(Query::forget_counting, key);
  session.limits.insert(key);
}

bool has_room(Database& database, const Limit& limit) {
  return !first_in_line(database, limit.key) &&
         counting(database, limit.key) < std::int64_t{limit.at_once};
}

void call_up(Session& session, std::int64_t job, const std::string& key) {
  JobRow row = job_by_key(session.database, job).value();
  const State wanted = candidate_in(session.database, row, Role::wanted);
  begin_to_count(session.database, job, key);
  leave(session, row);
  enter(session, row, wanted);
  write_job_row(session.database, row);
}

}  // namespace

void add_limit(Session& session, JobRow& row, const Limit& limit) {
  session.database.run(Query::add_limited, row.key, limit.key, limit.at_once,
                       limit.counts_while.bits());
  row.set(marks::limited);
}

std::optional<State> stand_in_line(Session& session, JobRow& row, const State& state) {
  Database& database = session.database;
  const Limited limited = read_limited(database, row.key);
  const Limit& limit = limited.limit;
  if (limited.counts) {
    if (limit.counts_while.contains(state.kind)) return std::nullopt;
    database.run(Query::set_limited, row.key, false, nullptr);
    stop_counting(session, limit.key);
    return std::nullopt;
  }
  if (limited.in_line) {
    database.run(Query::set_limited, row.key, false, nullptr);
    session.limits.insert(limit.key);
  }
  if (!asks_for_room(limit, state.kind)) return std::nullopt;
  if (has_room(database, limit)) {
    begin_to_count(database, row.key, limit.key);
    return std::nullopt;
  }
  database.run(Query::set_limited, row.key, false, session.next_position());
  add_candidate(database, row, Role::wanted,
                with_fixed_time(state, TimePoint{Duration{session.now}}));
  return states::awaiting(std::string{reasons::in_line});
}

void remove_limit(Session& session, const JobRow& row) {
  const Limited limited = read_limited(session.database, row.key);
  if (limited.counts) stop_counting(session, limited.limit.key);
  session.database.run(Query::remove_limited, row.key);
}

void settle_limits(Session& session) {
  while (!session.limits.empty()) {
    const std::string key = *session.limits.begin();
    const std::optional<First> first = first_in_line(session.database, key);
    if (!first || counting(session.database, key) >= first->at_once) {
      session.limits.erase(key);
    } else {
      call_up(session, first->job, key);
    }
  }
}

std::optional<LimitedPlace> limit_of(Database& database, const JobRow& row) {
  if (!row.has(marks::limited)) return std::nullopt;
  const Limited limited = read_limited(database, row.key);
  return LimitedPlace{.key = limited.limit.key, .in_line = limited.in_line};
}

}  // namespace portfire::sqlite
