#pragma once

// Jobs that will move by themselves: children of other jobs and timed ones.

#include <cstdint>

#include <portfire/state.hpp>
#include <portfire/storage/unit.hpp>

#include "storage/sqlite/job_row.hpp"

namespace portfire::sqlite {

class Database;
class Session;

// The column `candidate.role`.
enum class Role : std::uint8_t {
  none,
  when_met,
  when_unmet,
  when_due,
  opened,         // of a batch: where it begins, and returns to
  all_succeeded,  // when all members have ended: well …
  all_ended,      // … or otherwise
  wanted,         // of a job in line: what it is on its way to
};

void add_candidate(Database& database, JobRow& row, Role role, const State& state);

// What a timed job becomes: its candidate, or Enqueued.
State due_candidate(Database& database, const JobRow& row);

// The one that the job has in that role.
State candidate_in(Database& database, const JobRow& row, Role role);

// Lets a job that ends its waiting take the state of that role, as `release` says.
void conclude(Session& session, JobRow& row, Role role, Release release);

// Follows up everything in `session.ended_parents`: children are decided, what they enter may end
// them in turn. Without recursion, breadth first.
void settle(Session& session);

// A child just created as waiting: looks at each parent, and moves it on if that decides already.
// All parents exist.
void wait_for_parents(Session& session, JobRow& child, const NewJob& description);

}  // namespace portfire::sqlite
