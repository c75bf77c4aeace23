#pragma once

// Jobs that are limited in number, and those that stand in line for their turn.

#include <optional>
#include <string>

#include <portfire/state.hpp>
#include <portfire/storage/unit.hpp>

#include "storage/sqlite/job_row.hpp"

namespace portfire::sqlite {

class Database;
class Session;

// A job that has just been created.
void add_limit(Session& session, JobRow& row, const Limit& limit);

// The state that the limited job enters in the place of the one given, if it is not its turn.
std::optional<State> stand_in_line(Session& session, JobRow& row, const State& state);

// A limited job is going to be removed.
void remove_limit(Session& session, const JobRow& row);

// Lets those go whose turn it is.
void settle_limits(Session& session);

// For readers: nothing, unless the job is limited.
struct LimitedPlace {
  std::string key;
  bool in_line;
};
std::optional<LimitedPlace> limit_of(Database& database, const JobRow& row);

}  // namespace portfire::sqlite
