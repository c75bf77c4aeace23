#pragma once

// Units: created jobs and transitions, each unit whole or not at all.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <portfire/storage/unit.hpp>

#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

// Why a unit is not done.
struct Refusal {
  CommitStatus status = CommitStatus::conflict;
  Conflict conflict = Conflict::none;
  Rejection rejection = Rejection::none;
  JobId job = {};
  JobId holder = {};
};

// Creates one job (creation.cpp). The caller has nothing to undo where it is refused.
std::optional<Refusal> create_job(Session& session, const NewJob& job,
                                  std::vector<CommitResult::Existing>& existing);
// Whether the job exists, or existed a short while ago.
bool was_created(Session& session, JobId job);

// Applies one transition (transition.cpp). The caller has nothing to undo where it is refused.
std::optional<Refusal> apply_transition(Session& session, const Transition& transition);
// Somebody still names this execution: it has stopped, or hears now that it should.
void note_stopped(Session& session, const Transition& transition);

// Ends runs in the plain way: one guarded UPDATE and nothing read, because this process knows what it
// claimed. Numbers are gathered over neighbours that are alike.
class PlainFinish {
 public:
  explicit PlainFinish(Session& session);
  // Returns false, having done nothing, when the transition is not that plain, or not as this process
  // believes: then `apply_transition` looks.
  bool try_apply(const Transition& transition);
  // Adds the gathered numbers; to be called at the end and before a savepoint.
  void flush();

 private:
  void bind_state(const State& state);
  void gather(const HeldJob& held);

  Session& session_;
  sqlite3_stmt* statement_;
  // What the statement is bound to at present.
  std::string state_name_;
  std::optional<Duration> retention_;
  Ending ending_ = Ending::none;
  std::int64_t state_ = 0;
  std::int64_t until_ = 0;
  // The run of alike jobs.
  std::int64_t lane_ = 0;
  std::int64_t from_ = 0;
  std::int64_t to_ = 0;
  std::int64_t server_ = 0;
  std::int64_t count_ = 0;
};

// Applies units, one after another.
class UnitRunner {
 public:
  explicit UnitRunner(Session& session) : session_{session}, plain_{session} {}
  CommitResult run(const Unit& unit);
  // To be called after the last unit of a transaction.
  void finish() { plain_.flush(); }

 private:
  CommitResult run_steps(const Unit& unit);
  CommitResult create_only(const Unit& unit);
  std::optional<CommitResult> seen_before(const Unit& unit);
  void remember(const Unit& unit, const std::vector<CommitResult::Existing>& existing);

  Session& session_;
  PlainFinish plain_;
};

}  // namespace portfire::sqlite
