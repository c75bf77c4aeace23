#include "simulation/ledger.hpp"

#include <algorithm>

#include "model/rules.hpp"
#include "simulation/process.hpp"

namespace portfire::simulation {

std::string Ledger::name_of(JobId job) const {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return "job " + to_string(job);
  return found->second.name + " #" + std::to_string(found->second.number);
}

JobEntry* Ledger::find(JobId id, const char* verb) {
  const auto found = jobs_.find(id);
  if (found != jobs_.end()) return &found->second;
  violation(std::string{verb} + ": " + name_of(id) + " was never created");
  return nullptr;
}

void Ledger::committed(Process& process, std::span<const Unit> units,
                       const std::vector<CommitResult>& results) {
  if (results.size() != units.size()) return violation("commit: not one answer for each unit");
  for (std::size_t i = 0; i < units.size(); ++i) {
    const Unit& unit = units[i];
    const CommitResult& result = results[i];
    process.universe().journal.note(process.name(), [&] {
      std::string text = "  unit: " + std::to_string(unit.jobs.size()) + " jobs";
      for (const Transition& each : unit.transitions) {
        text += ", " + name_of(each.job) + " → " + each.state.name;
        if (each.epoch) text += " by epoch " + std::to_string(*each.epoch);
      }
      return text + ": " + std::string{to_string(result.status)};
    });
    const bool ends_execution = !unit.transitions.empty() && unit.transitions.front().epoch;
    if (ends_execution) ended(unit.transitions.front(), result, !unit.jobs.empty());
    if (result.status == CommitStatus::already_applied && !ends_execution &&
        !applied_units_.contains(unit.id)) {
      violation("commit: a unit that never was applied is said to have been");
    }
    if (result.status == CommitStatus::conflict) check_conflict(unit, result);
    if (result.status != CommitStatus::applied) continue;
    if (!applied_units_.insert(unit.id).second) violation("commit: a unit was applied twice");
    for (const NewJob& job : unit.jobs) {
      const bool is_left_out = std::ranges::any_of(
          result.existing, [&](const auto& each) { return each.requested == job.id; });
      if (!is_left_out) created(job);
    }
    for (const NewJob& job : unit.jobs) {
      if (job.is_batch && !members_.contains(job.id)) conclude(job.id);
    }
    for (const Transition& each : unit.transitions) {
      if (!each.epoch) changed_by_hand(each);
    }
    for (const RecurringChange& change : unit.recurring) change_definition(change);
  }
}

void Ledger::created(const NewJob& job) {
  const auto [place, is_new] = jobs_.try_emplace(job.id);
  if (!is_new) return violation(name_of(job.id) + " was created twice");
  JobEntry& entry = place->second;
  order_.push_back(job.id);
  entry.number = static_cast<std::uint32_t>(order_.size());
  entry.name = job.name;
  entry.parents = job.parents;
  entry.batch = job.batch;
  entry.is_batch = job.is_batch;
  entry.limit = job.limit;
  entry.unique_key = job.unique.key;
  entry.state = job.state.name;
  entry.kind = job.state.kind;
  if (job.batch) members_[job.batch].push_back(job.id);
  const auto definition = job.parameters.find(rules::recurring_parameter);
  const auto occurrence = job.parameters.find(rules::occurrence_parameter);
  if (definition == job.parameters.end() || occurrence == job.parameters.end()) return;
  if (!occurrences_[definition->second].insert(occurrence->second).second) {
    violation("occurrence " + occurrence->second + " of " + definition->second +
              " was fired twice");
  }
}

// A transition that ends an execution, and how the storage answered.
void Ledger::ended(const Transition& transition, const CommitResult& result, bool has_jobs) {
  JobEntry* job = find(transition.job, "commit");
  if (job == nullptr) return;
  const std::uint64_t epoch = *transition.epoch;
  const bool is_held = job->holder && job->holder->epoch == epoch;
  const std::string what = name_of(transition.job) + ", epoch " + std::to_string(epoch);
  switch (result.status) {
    case CommitStatus::applied:
      if (!job->ended.insert(epoch).second) violation(what + ": a second outcome was accepted");
      if (!is_held) return violation(what + ": the outcome of a lost execution was accepted");
      if (transition.state.ending == Ending::succeeded && !job->returned.contains(epoch)) {
        violation(what + " has succeeded, but its handler never returned");
      }
      ++accepted_;
      if (!job->limit.key.empty()) --held_of_limit_[job->limit.key];
      job->holder.reset();
      enter(*job, transition);
      return;
    case CommitStatus::already_applied:
      if (!job->ended.contains(epoch)) violation(what + ": an outcome was lost and called applied");
      return;
    case CommitStatus::conflict:
      if (is_held) violation(what + ": the outcome of its holder was refused");
      return;
    case CommitStatus::rejected:
      if (!has_jobs) violation(what + ": an outcome that creates nothing was rejected");
      return;
    case CommitStatus::busy: return;
  }
}

void Ledger::changed_by_hand(const Transition& transition) {
  JobEntry* job = find(transition.job, "commit");
  if (job == nullptr) return;
  if (job->holder && !job->limit.key.empty()) --held_of_limit_[job->limit.key];
  job->holder.reset();
  job->changed_by_hand = true;
  enter(*job, transition);
}

void Ledger::enter(JobEntry& job, const Transition& transition) {
  job.state = transition.state.name;
  job.kind = transition.state.kind;
  ++job.times[job.state];
  if (transition.attempt) job.attempt = *transition.attempt;
  job.ever_succeeded |= transition.state.ending == Ending::succeeded;
  job.ever_deleted |= transition.state.ending == Ending::deleted;
  job.ever_failed |= transition.state.ending == Ending::failed;
  if (job.ever_succeeded && job.batch) conclude(job.batch);
  const bool is_end = job.kind == StateKind::final || job.kind == StateKind::parked;
  if (is_end && ++job.ends > 1 && !job.changed_by_hand) {
    violation(name_of(transition.job) + " has ended twice");
  }
}

void Ledger::claimed(Process& process, const ClaimRequest& request, const ClaimResult& result) {
  std::uint64_t& token = last_token_[request.server];
  const bool again = request.token == token;
  if (request.token < token) violation("claim: an older token than the last");
  token = request.token;
  if (!result.executions.empty() && servers_[request.server].gone) {
    violation("claim: a server that is gone was given jobs");
  }
  for (const Execution& each : result.executions) issue(process, request.server, each, again);
}

void Ledger::issue(const Process& process, ServerId server, const Execution& execution,
                   bool again) {
  JobEntry* job = find(execution.ref.job, "claim");
  if (job == nullptr) return;
  const std::uint64_t epoch = execution.ref.epoch;
  const std::string what = name_of(execution.ref.job) + ", epoch " + std::to_string(epoch);
  journal_.note(process.name(), [&] { return "  takes " + what; });
  if (job->holder) {
    const bool same = job->holder->epoch == epoch && job->holder->server == server;
    if (!same || !again) violation(what + " was given out while another execution holds it");
    return;
  }
  if (epoch <= job->highest_epoch) violation(what + ": an epoch was given out twice");
  if (job->is_batch) violation(what + ": a batch was given out");
  const bool is_over = job->kind == StateKind::final || job->kind == StateKind::parked;
  if (is_over) violation(what + " was given out although it is " + job->state);
  if (execution.attempt != job->attempt) {
    violation(what + ": attempt " + std::to_string(execution.attempt) + " instead of " +
              std::to_string(job->attempt));
  }
  check_parents(*job, execution.ref.job);
  job->holder = Holder{epoch, server};
  job->highest_epoch = epoch;
  job->kind = StateKind::running;
  job->issued[epoch] = server;
  if (!job->limit.key.empty()) check_limit(*job);
}

void Ledger::check_limit(const JobEntry& job) {
  const int held = ++held_of_limit_[job.limit.key];
  if (held > static_cast<int>(job.limit.at_once)) {
    violation("limit " + job.limit.key + ": " + std::to_string(held) + " jobs are held at once");
  }
}

// Jobs that the storage deleted itself are not known here to have ended; whoever ran has, and that
// is what a parent is asked for.
void Ledger::check_parents(const JobEntry& job, JobId id) {
  if (job.changed_by_hand) return;
  for (const Parent& parent : job.parents) {
    if (is_met(parent)) continue;
    violation(name_of(id) + " runs although " + name_of(parent.job) + " has not met its condition");
  }
}

bool Ledger::is_met(const Parent& parent) const {
  const auto found = jobs_.find(parent.job);
  if (found == jobs_.end()) return false;
  const JobEntry& job = found->second;
  if (!job.is_batch) {
    switch (parent.on) {
      case Condition::succeeded: return job.ever_succeeded;
      case Condition::failed: return job.ever_failed;
      // A continuation that can no longer run, or a member of a deleted batch, is deleted silently.
      case Condition::deleted: return job.ever_deleted || !job.parents.empty() || job.batch;
      case Condition::finished:
        return job.ever_succeeded || job.ever_deleted || !job.parents.empty() || job.batch;
    }
  }
  return parent.on != Condition::succeeded || job.ever_succeeded || !members_.contains(parent.job);
}

// All members have succeeded at some time: then so has their batch.
void Ledger::conclude(JobId batch) {
  const auto entry = jobs_.find(batch);
  if (entry == jobs_.end()) return;
  const bool all = std::ranges::all_of(
      members_[batch], [&](JobId member) { return jobs_.at(member).ever_succeeded; });
  if (!all || entry->second.ever_succeeded) return;
  entry->second.ever_succeeded = true;
  if (entry->second.batch) conclude(entry->second.batch);
}

}  // namespace portfire::simulation
