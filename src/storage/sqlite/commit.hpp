#pragma once

// Units: created jobs and transitions, each unit whole or not at all.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <portfire/storage/unit.hpp>

#include "storage/sqlite/job_row.hpp"
#include "storage/sqlite/plain_finishes.hpp"
#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

// Why a unit is not done.
struct Refusal {
  CommitStatus status = CommitStatus::conflict;
  Conflict conflict = Conflict::none;
  Rejection rejection = Rejection::none;
  JobId job = {};
  JobId holder = {};
  std::string recurring = {};
};

// Creates one job (creation.cpp). The caller has nothing to undo where it is refused.
std::optional<Refusal> create_job(Session& session, const NewJob& job,
                                  std::vector<CommitResult::Existing>& existing);
// Lets the job that holds the key become what the new one would have been (replacing.cpp), if it is
// such that it may.
bool replace_job(Session& session, JobId holder, const NewJob& job);
// Whether the job exists, or existed a short while ago.
bool was_created(Session& session, JobId job);

// Applies one transition (transition.cpp). The caller has nothing to undo where it is refused.
std::optional<Refusal> apply_transition(Session& session, const Transition& transition);
// A running job is taken from its holder, who is told; until he answers, the job says that the
// handler may still run.
void revoke(Session& session, JobRow& row);
// Somebody still names this execution: it has stopped, or hears now that it should.
void note_stopped(Session& session, const Transition& transition);

// Applies the units of one call, one after another as far as anybody can see.
class UnitRunner {
 public:
  UnitRunner(Session& session, std::span<const Unit> units, std::vector<CommitResult>& results)
      : session_{session}, units_{units}, results_{results}, plain_{session} {}

  // Applies the next unit, the one that has no result yet.
  void run_next();
  // To be called after the last unit of a transaction: only then all results are true.
  void finish();

 private:
  CommitResult run(const Unit& unit);
  CommitResult run_steps(const Unit& unit);
  CommitResult create_only(const Unit& unit);
  std::optional<CommitResult> seen_before(const Unit& unit);
  void remember(const Unit& unit, const std::vector<CommitResult::Existing>& existing);

  Session& session_;
  const std::span<const Unit> units_;
  std::vector<CommitResult>& results_;
  PlainFinishes plain_;
};

}  // namespace portfire::sqlite
