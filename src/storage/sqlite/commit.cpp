#include "storage/sqlite/commit.hpp"

#include "storage/sqlite/job_row.hpp"
#include "storage/sqlite/limits.hpp"
#include "storage/sqlite/packed.hpp"
#include "storage/sqlite/recurring.hpp"

namespace portfire::sqlite {

namespace {

CommitResult result_of(const Refusal& refusal) {
  return {.status = refusal.status,
          .conflict = refusal.conflict,
          .rejection = refusal.rejection,
          .job = refusal.job,
          .holder = refusal.holder,
          .recurring = refusal.recurring};
}

// Pairs of 16-byte ids, one after another.
std::string pack(const std::vector<CommitResult::Existing>& existing) {
  std::string bytes;
  for (const CommitResult::Existing& pair : existing) {
    bytes.append(IdBytes{pair.requested}.data(), 16);
    bytes.append(IdBytes{pair.holder}.data(), 16);
  }
  return bytes;
}

std::vector<CommitResult::Existing> unpack_existing(std::string_view bytes) {
  std::vector<CommitResult::Existing> existing;
  for (; bytes.size() >= 32; bytes.remove_prefix(32)) {
    existing.push_back({read_id<JobId>(bytes.data()), read_id<JobId>(bytes.data() + 16)});
  }
  return existing;
}

// Whether only its id can tell that it was done: neither an epoch nor a job that it created does.
bool needs_its_id(const Unit& unit) {
  if (!unit.recurring.empty() && unit.jobs.empty()) return true;
  for (const Transition& transition : unit.transitions) {
    if (!transition.epoch) return true;
  }
  return false;
}

}  // namespace

void UnitRunner::run_next() {
  const Unit& unit = units_[results_.size()];
  const bool one_transition =
      unit.jobs.empty() && unit.transitions.size() == 1 && unit.recurring.empty();
  if (one_transition && plain_.gather(unit.transitions.front(), results_.size())) {
    results_.emplace_back();
    return;
  }
  finish();  // it sees those before it
  results_.push_back(run(unit));
}

void UnitRunner::finish() {
  for (const std::size_t refused : plain_.apply()) {
    results_[refused] = run(units_[refused]);
  }
}

CommitResult UnitRunner::run(const Unit& unit) {
  const bool one_job = unit.jobs.size() == 1 && unit.transitions.empty() && unit.recurring.empty();
  if (one_job && unit.jobs.front().unique.key.empty()) {
    return create_only(unit);
  }
  if (std::optional<CommitResult> result = seen_before(unit)) return *result;
  return run_steps(unit);
}

// One job that can only be created or exist: nothing to undo, nothing to remember.
CommitResult UnitRunner::create_only(const Unit& unit) {
  const NewJob& job = unit.jobs.front();
  if (session_.has_tombstones() && was_created(session_, job.id)) {
    return {.status = CommitStatus::already_applied};
  }
  session_.last_open_batch.reset();
  std::vector<CommitResult::Existing> existing;
  if (const auto refusal = create_job(session_, job, existing)) return result_of(*refusal);
  settle_batches(session_);
  settle_limits(session_);
  return {};
}

CommitResult UnitRunner::run_steps(const Unit& unit) {
  // A unit of one step is refused before it writes.
  std::optional<Savepoint> savepoint;
  if (unit.jobs.size() + unit.transitions.size() + unit.recurring.size() > 1)
    savepoint.emplace(session_);
  const auto undone = [&](const Refusal& refusal) {
    if (savepoint) savepoint->undo();
    for (const Transition& transition : unit.transitions) note_stopped(session_, transition);
    return result_of(refusal);
  };

  session_.last_open_batch.reset();
  CommitResult result;
  for (const NewJob& job : unit.jobs) {
    if (const auto refusal = create_job(session_, job, result.existing)) {
      if (refusal->status != CommitStatus::rejected) return undone(*refusal);
      const CommitResult rejected = undone(*refusal);
      // Rejected because it was done before, perhaps: what it created holds its own keys.
      for (const NewJob& other : unit.jobs) {
        if (was_created(session_, other.id)) return {.status = CommitStatus::already_applied};
      }
      return rejected;
    }
  }
  for (const Transition& transition : unit.transitions) {
    if (const auto refusal = apply_transition(session_, transition)) return undone(*refusal);
  }
  for (const RecurringChange& change : unit.recurring) {
    if (!change_recurring(session_, change)) {
      return undone({.conflict = Conflict::version, .recurring = change.id});
    }
  }
  settle_batches(session_);
  settle_limits(session_);
  if (savepoint) savepoint->keep();
  remember(unit, result.existing);
  return result;
}

std::optional<CommitResult> UnitRunner::seen_before(const Unit& unit) {
  if (unit.id && (needs_its_id(unit) || !unit.jobs.empty())) {
    Rows rows = session_.database.rows(Query::remembered, unit.id);
    if (rows.next()) {
      return CommitResult{.status = CommitStatus::already_applied,
                          .existing = unpack_existing(rows.blob(0))};
    }
  }
  // Jobs that do not exist are found missing by their creation; those that did are not.
  if (session_.has_tombstones()) {
    for (const NewJob& job : unit.jobs) {
      if (was_created(session_, job.id))
        return CommitResult{.status = CommitStatus::already_applied};
    }
  }
  return std::nullopt;
}

void UnitRunner::remember(const Unit& unit, const std::vector<CommitResult::Existing>& existing) {
  if (!unit.id || (existing.empty() && !needs_its_id(unit))) return;
  const std::string pairs = pack(existing);
  session_.database.run(Query::remember, unit.id, session_.now, Blob{pairs});
}

}  // namespace portfire::sqlite
