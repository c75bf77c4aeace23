#include <algorithm>
#include <utility>

#include "storage/common/requests.hpp"
#include "storage/memory/moves.hpp"
#include "storage/memory/verbs.hpp"

namespace portfire::memory {
namespace {

using Refusal = std::optional<CommitResult>;

Refusal already_applied() { return CommitResult{.status = CommitStatus::already_applied}; }

Refusal conflict(Conflict why, JobId job) {
  return CommitResult{.status = CommitStatus::conflict, .conflict = why, .job = job};
}

Refusal reject(Rejection why, JobId job, JobId holder) {
  return CommitResult{
      .status = CommitStatus::rejected, .rejection = why, .job = job, .holder = holder};
}

void apply_parameters(Job& job, const ParameterChanges& changes) {
  if (changes.empty()) return;
  auto& parameters = job.extra.make().parameters;
  for (const auto& [name, value] : changes) {
    if (value) {
      parameters[name] = *value;
    } else {
      parameters.erase(name);
    }
  }
}

// The holder of the key, unless it is free to be taken.
std::optional<JobId> present_holder(Call& call, const std::string& key) {
  const KeyHolder* holder = key.empty() ? nullptr : call.data.keys.find(key);
  if (holder == nullptr) return std::nullopt;
  const Job* job = call.data.jobs.find(holder->job);
  const bool held = holder->held_until
                        ? call.now < *holder->held_until
                        : job != nullptr && holder->held_while.contains(job->present.kind);
  return held ? std::optional{holder->job} : std::nullopt;
}

void take_key(Call& call, Job& job, const UniqueKey& unique) {
  KeyHolder holder{.job = job.id, .held_while = unique.held_while};
  if (unique.window != Duration::zero()) holder.held_until = later(call.now, unique.window);
  std::optional<KeyHolder> before = call.data.keys.set(unique.key, holder);
  if (call.undo != nullptr) call.undo->keys.push_back({unique.key, std::move(before)});
  job.extra.make().unique_key = unique.key;
}

void fill(Call& call, Job& job, const NewJob& description) {
  job.number = ++call.data.creations;
  job.name = description.name;
  job.arguments = description.arguments;
  job.queue = &call.data.queue(description.queue);
  job.priority = description.priority;
  job.created_at = call.now;
  if (!description.parameters.empty()) {
    job.extra.make().parameters = description.parameters;
  }
}

bool is_replaceable(const Job* job, const NewJob& description) {
  if (job == nullptr || job->name != description.name) return false;
  if (job->extra && job->extra->members) return false;
  const StateKind kind = job->present.kind;
  return kind == StateKind::ready || kind == StateKind::timed || kind == StateKind::waiting;
}

void replace(Call& call, Job& job, const NewJob& description) {
  keep_image(call, job);
  leave(call, job);
  job.arguments = description.arguments;
  job.queue = &call.data.queue(description.queue);
  job.priority = description.priority;
  job.attempt = 0;
  job.extra.make().parameters = description.parameters;
  State state = description.state;
  if (state.reason.empty()) state.reason = reasons::replaced;
  arrive(call, job, state, description.elected_away);
  settle(call, job, state.ending, Release::straight);
}

Refusal defer_to(Call& call, JobId holder, const NewJob& description, CommitResult& result) {
  const OnDuplicate asked = description.unique.on_duplicate;
  Job* job = asked == OnDuplicate::replace ? call.data.jobs.find(holder) : nullptr;
  if (asked != OnDuplicate::use_existing && !is_replaceable(job, description)) {
    return reject(Rejection::unique_key, description.id, holder);
  }
  if (job != nullptr) replace(call, *job, description);
  result.existing.push_back({description.id, holder});
  return std::nullopt;
}

Refusal create(Call& call, const NewJob& description, CommitResult& result) {
  const UniqueKey& unique = description.unique;
  if (const auto holder = present_holder(call, unique.key)) {
    return defer_to(call, *holder, description, result);
  }
  for (const Parent& parent : description.parents) {
    if (call.data.jobs.find(parent.job) == nullptr) {
      return reject(Rejection::parent_missing, description.id, parent.job);
    }
  }
  if (description.batch && !takes_members(call.data.jobs.find(description.batch))) {
    return reject(Rejection::batch_closed, description.id, description.batch);
  }
  Job* job = call.data.jobs.create(description.id);
  if (job == nullptr) return already_applied();
  if (call.undo != nullptr) call.undo->created.push_back(job->slot);
  fill(call, *job, description);
  call.data.by_number.insert(job->number, job->slot);
  if (!unique.key.empty()) take_key(call, *job, unique);
  begin(call, *job, description);
  if (!description.parents.empty()) wait_for_parents(call, *job, description);
  return std::nullopt;
}

Refusal check(const Transition& change, const Job* job) {
  if (job == nullptr) return conflict(Conflict::not_found, change.job);
  if (change.epoch && !job->held_under(*change.epoch)) {
    // Only the holder can have ended it under this epoch: every other way out raises the epoch.
    if (job->epoch == *change.epoch) return already_applied();
    return conflict(Conflict::epoch, change.job);
  }
  if (!change.expected_state.empty() && change.expected_state != job->present.name->text) {
    return conflict(Conflict::state, change.job);
  }
  const StateKind next = change.state.kind;
  const bool to_be_run = next == StateKind::ready || next == StateKind::timed;
  if (to_be_run && job->extra && job->extra->members) return conflict(Conflict::batch, change.job);
  return std::nullopt;
}

void end_run(Job& job, const Transition& change) {
  job.result = change.result;
  job.run.start_delay = change.start_delay;
  job.duration = change.duration;
  job.suspect = change.crashes.has_value();
  job.crashes = change.crashes.value_or(0);
}

Refusal apply(Call& call, const Transition& change) {
  Job* found = call.data.jobs.find(change.job, change.locator);
  if (Refusal refusal = check(change, found)) return refusal;
  Job& job = *found;
  touch(call, job);
  const bool taken_away = !change.epoch && job.present.kind == StateKind::running;
  if (taken_away) take_away(call, job);
  call.release = change.release;
  leave(call, job);
  if (change.epoch) end_run(job, change);
  apply_parameters(job, change.parameters);
  if (change.attempt) job.attempt = *change.attempt;
  if (change.queue) job.queue = &call.data.queue(*change.queue);
  if (change.priority) job.priority = *change.priority;
  arrive(call, job, change.state, change.elected_away);
  settle(call, job, change.state.ending, change.release);
  return std::nullopt;
}

Refusal change_templates(Call& call, const std::vector<RecurringChange>& changes) {
  Templates& templates = call.data.templates;
  for (const RecurringChange& change : changes) {
    if (!templates.allows(change)) {
      return CommitResult{
          .status = CommitStatus::conflict, .conflict = Conflict::version, .recurring = change.id};
    }
  }
  for (const RecurringChange& change : changes) templates.apply(change, call.now);
  if (!changes.empty()) call.news.recurring();
  return std::nullopt;
}

// Ends of executions are recognised by their epoch; everything else by the unit's id.
bool is_known_by_id(const Unit& unit) {
  return !unit.jobs.empty() || !unit.recurring.empty() ||
         std::any_of(unit.transitions.begin(), unit.transitions.end(),
                     [](const Transition& change) { return !change.epoch; });
}

bool was_applied(const Data& data, const Unit& unit) {
  return data.units.knows(unit.id) ||
         std::any_of(unit.jobs.begin(), unit.jobs.end(),
                     [&](const NewJob& description) { return data.jobs.has(description.id); });
}

Refusal apply_all(Call& call, const Unit& unit, CommitResult& result) {
  for (const NewJob& description : unit.jobs) {
    if (Refusal refusal = create(call, description, result)) return refusal;
  }
  for (const Transition& change : unit.transitions) {
    if (Refusal refusal = apply(call, change)) return refusal;
  }
  return change_templates(call, unit.recurring);
}

// Whoever still names an old epoch has heard of it, or is about to.
void note_stopped(Data& data, const Unit& unit) {
  for (const Transition& change : unit.transitions) {
    if (!change.epoch) continue;
    Job* job = data.jobs.find(change.job, change.locator);
    if (job != nullptr) clear_stopping(data, *job, *change.epoch);
  }
}

bool may_replace(const Unit& unit) {
  return std::any_of(unit.jobs.begin(), unit.jobs.end(), [](const NewJob& description) {
    return description.unique.on_duplicate == OnDuplicate::replace;
  });
}

CommitResult commit_unit(Call& call, const Unit& unit) {
  const bool known_by_id = is_known_by_id(unit);
  if (known_by_id && was_applied(call.data, unit)) {
    return {.status = CommitStatus::already_applied, .existing = call.data.units.existing(unit.id)};
  }
  call.release = Release::straight;
  Undo undo;
  if (unit.jobs.size() + unit.transitions.size() + unit.recurring.size() > 1) {
    undo.keeps_images = unit.transitions.size() + unit.recurring.size() > 1 || may_replace(unit);
    call.undo = &undo;
  }
  CommitResult result;
  Refusal refusal = apply_all(call, unit, result);
  if (refusal) {
    if (call.undo != nullptr) take_back(call);
    note_stopped(call.data, unit);
    return *std::move(refusal);
  }
  call.undo = nullptr;
  settle_batches(call);
  settle_limits(call);
  if (known_by_id) call.data.units.remember(unit.id, call.now, result.existing);
  return result;
}

}  // namespace

std::vector<CommitResult> commit(Call& call, std::span<const Unit> units) {
  check_units(units);
  std::vector<CommitResult> results;
  results.reserve(units.size());
  for (const Unit& unit : units) results.push_back(commit_unit(call, unit));
  return results;
}

bool set_parameters(Data& data, JobId id, const ParameterChanges& changes) {
  Job* job = data.jobs.find(id);
  if (job == nullptr) return false;
  apply_parameters(*job, changes);
  return true;
}

}  // namespace portfire::memory
