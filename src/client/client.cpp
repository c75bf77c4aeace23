#include <portfire/client.hpp>

#include <algorithm>

#include <portfire/error.hpp>

#include "client/committer.hpp"
#include "client/creation.hpp"
#include "client/queue_bounds.hpp"
#include "client/rings.hpp"
#include "model/rules.hpp"

namespace portfire {

namespace {

// A lost wake-up delays a waiter by no more than this.
constexpr std::chrono::seconds wait_poll_interval{1};

bool at_rest(const JobDetails& job) {
  return job.kind == StateKind::final || job.kind == StateKind::parked;
}

}  // namespace

std::string_view to_string(Change::Status status) {
  switch (status) {
    case Change::Status::changed: return "changed";
    case Change::Status::redirected: return "redirected";
    case Change::Status::not_found: return "not_found";
    case Change::Status::state_mismatch: return "state_mismatch";
    case Change::Status::is_batch: return "is_batch";
  }
  return "not_found";
}

class Client::Implementation {
 public:
  Implementation(std::shared_ptr<Storage> opened, ClientOptions options)
      : storage{std::move(opened)},
        ids{storage->runtime()},
        filters{std::move(options.filters), options.log},
        retention{options.retention},
        bounds{storage, std::move(options.queue_bounds)},
        committer{storage, options.resends} {}

  std::vector<Creation> create(std::vector<JobRequest> requests, Bulk bulk);
  Change change(JobId id, State state, const ChangeOptions& options, bool new_count);
  std::vector<Change> change_all(const std::vector<JobId>& jobs, const State& state,
                                 const ChangeOptions& options, bool new_count);
  Change move_to_queue(JobId id, const std::string& queue, const ChangeOptions& options);

  const std::shared_ptr<Storage> storage;
  IdSource ids;
  const FilterChain filters;
  const Duration retention;
  QueueBounds bounds;
  Committer committer;

 private:
  std::vector<CommitResult> commit_jobs(std::vector<PreparedJob>& prepared, Bulk bulk);
  void tell_created(const std::vector<PreparedJob>& prepared,
                    const std::vector<CommitResult>& results, std::exception_ptr error) const;
  Change refused_change(JobId id, const CommitResult& result) const;
  Change change_once(Transition transition, const ChangeOptions& options, bool& again);
};

std::vector<Creation> Client::Implementation::create(std::vector<JobRequest> requests, Bulk bulk) {
  std::vector<PreparedJob> prepared;
  prepared.reserve(requests.size());
  for (JobRequest& request : requests) {
    prepared.push_back(prepare_job(std::move(request), ids.next<JobId>(), filters, retention));
  }
  refuse_rings(prepared, storage->monitoring());
  bounds.admit(prepared, bulk);
  std::vector<CommitResult> results;
  try {
    results = commit_jobs(prepared, bulk);
  } catch (...) {
    tell_created(prepared, {}, std::current_exception());
    throw;
  }
  tell_created(prepared, results, nullptr);
  std::vector<Creation> creations;
  creations.reserve(prepared.size());
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    creations.push_back(creation_result(prepared[i], results[i]));
  }
  return creations;
}

// One result per prepared job, also for those that a filter vetoed.
std::vector<CommitResult> Client::Implementation::commit_jobs(std::vector<PreparedJob>& prepared,
                                                              Bulk bulk) {
  const bool told_later = !filters.empty();
  std::vector<Unit> units;
  std::vector<std::size_t> unit_of_job(prepared.size(), 0);
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    if (prepared[i].vetoed) continue;
    if (units.empty() || bulk == Bulk::each) {
      units.push_back({.id = ids.next<UnitId>()});
      if (bulk == Bulk::all_or_nothing) units.back().jobs.reserve(prepared.size());
    }
    unit_of_job[i] = units.size() - 1;
    NewJob& job = prepared[i].job;
    const JobId id = job.id;
    std::string key = job.unique.key;
    units.back().jobs.push_back(told_later ? job : std::move(job));
    // What the answer is read with; the rest has moved into the unit.
    job.id = id;
    job.unique.key = std::move(key);
  }
  std::vector<CommitResult> by_unit;
  if (!units.empty()) by_unit = committer.commit(units);
  std::vector<CommitResult> by_job(prepared.size());
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    if (!prepared[i].vetoed) by_job[i] = by_unit[unit_of_job[i]];
    if (by_job[i].status == CommitStatus::busy) {
      throw StorageError{"the storage stayed busy; the jobs were not created",
                         {.operation = "commit", .retryable = true}};
    }
  }
  return by_job;
}

void Client::Implementation::tell_created(const std::vector<PreparedJob>& prepared,
                                          const std::vector<CommitResult>& results,
                                          std::exception_ptr error) const {
  if (filters.empty()) return;
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    const bool answered = !prepared[i].vetoed && i < results.size();
    filters.created({.job = prepared[i].job,
                     .vetoed = prepared[i].vetoed,
                     .result = answered ? &results[i] : nullptr,
                     .error = error});
  }
}

Change Client::Implementation::refused_change(JobId id, const CommitResult& result) const {
  if (result.status == CommitStatus::busy) {
    throw StorageError{"the job stayed busy; it was not changed",
                       {.operation = "commit", .retryable = true}};
  }
  const auto now = storage->monitoring().job(id);
  if (now && result.conflict == Conflict::batch) {
    return {.status = Change::Status::is_batch, .state = now->state};
  }
  if (!now) return {.status = Change::Status::not_found};
  return {.status = Change::Status::state_mismatch, .state = now->state};
}

// One attempt. `again`: the job moved between the election and the commit, so elect anew.
Change Client::Implementation::change_once(Transition transition, const ChangeOptions& options,
                                           bool& again) {
  again = false;
  const JobId id = transition.job;
  const std::string wanted = transition.state.name;
  transition.expected_state = options.from;
  JobDetails job;
  if (!filters.empty()) {
    auto found = storage->monitoring().job(id);
    if (!found) return {.status = Change::Status::not_found};
    job = std::move(*found);
    transition.expected_state = options.from.empty() ? job.state : options.from;
  }
  const JobFacts facts{.id = id,
                       .name = job.name,
                       .queue = job.queue,
                       .arguments = job.arguments,
                       .current_state = job.state,
                       .attempt = job.attempt,
                       .parameters = job.parameters,
                       .attempts_limit = unset};
  if (!filters.empty()) {
    Election election{.job = facts, .candidate = std::move(transition.state)};
    filters.electing(election);
    transition.state = std::move(election.candidate);
    transition.elected_away = std::move(election.replaced);
    transition.parameters = std::move(election.parameters);
    if (election.attempt) transition.attempt = election.attempt;
    filters.applying(facts, transition);
  }
  if (filters.elects_released_jobs()) transition.release = Release::elect;
  Unit unit{.id = ids.next<UnitId>()};
  unit.transitions.push_back(std::move(transition));
  const CommitResult result = committer.commit({&unit, 1}).front();
  const Transition& sent = unit.transitions.front();
  if (!filters.empty()) filters.applied({.job = facts, .transition = sent, .result = result});
  if (result.done()) {
    const bool as_asked = sent.state.name == wanted;
    return {.status = as_asked ? Change::Status::changed : Change::Status::redirected,
            .state = sent.state.name};
  }
  again = result.conflict == Conflict::state && options.from.empty();
  return again ? Change{} : refused_change(id, result);
}

Change Client::Implementation::change(JobId id, State state, const ChangeOptions& options,
                                      bool new_count) {
  rules::check_new_state(state);
  if (state.reason.empty()) state.reason = options.reason;
  Transition transition{.job = id, .state = std::move(state)};
  if (new_count) transition.attempt = 0;
  bool again = true;
  Change change;
  while (again) change = change_once(transition, options, again);
  return change;
}

// Without filters, which look at each job, all of them are one commit of many units.
std::vector<Change> Client::Implementation::change_all(const std::vector<JobId>& jobs,
                                                       const State& state,
                                                       const ChangeOptions& options,
                                                       bool new_count) {
  std::vector<Change> changes;
  changes.reserve(jobs.size());
  std::vector<CommitResult> results;
  if (filters.empty()) {
    rules::check_new_state(state);
    std::vector<Unit> units(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      Transition transition{.job = jobs[i], .expected_state = options.from, .state = state};
      if (transition.state.reason.empty()) transition.state.reason = options.reason;
      if (new_count) transition.attempt = 0;
      units[i].id = ids.next<UnitId>();
      units[i].transitions.push_back(std::move(transition));
    }
    results = committer.commit(units);
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const bool is_left = results.empty() || results[i].status == CommitStatus::busy;
    if (is_left) {
      changes.push_back(change(jobs[i], state, options, new_count));
    } else if (results[i].done()) {
      changes.push_back({.state = state.name});
    } else {
      changes.push_back(refused_change(jobs[i], results[i]));
    }
  }
  return changes;
}

// Enters the state that the job is in once more, so that it joins the tail of the other queue, or
// waits there for the same instant.
Change Client::Implementation::move_to_queue(JobId id, const std::string& queue,
                                             const ChangeOptions& options) {
  rules::check_queue_name("queue", queue);
  for (;;) {
    const auto job = storage->monitoring().job(id);
    if (!job) return {.status = Change::Status::not_found};
    if (job->members) return {.status = Change::Status::is_batch, .state = job->state};
    // A continuation that an election waits for is about to become something else.
    const bool is_timed = job->kind == StateKind::timed && job->state != state_names::awaiting;
    const bool is_movable = is_timed || job->kind == StateKind::ready;
    if (!is_movable || (!options.from.empty() && options.from != job->state)) {
      return {.status = Change::Status::state_mismatch, .state = job->state};
    }
    if (job->queue == queue) return {.state = job->state};
    ChangeOptions guarded = options;
    guarded.from = job->state;
    if (guarded.reason.empty()) guarded.reason = "It was moved from queue " + job->queue;
    Transition transition{.job = id,
                          .state = {.name = job->state,
                                    .kind = job->kind,
                                    .ending = job->ending,
                                    .reason = guarded.reason,
                                    .data = job->data,
                                    .due_at = job->due_at},
                          .queue = queue};
    bool again = false;
    Change change = change_once(std::move(transition), guarded, again);
    // Of what it has become meanwhile the next look decides.
    if (change.status != Change::Status::state_mismatch) return change;
  }
}

Client::Client(std::shared_ptr<Storage> storage, ClientOptions options) {
  if (storage == nullptr) throw UsageError{"the client was given no storage (a null pointer)"};
  constexpr int most_resends = 100;
  rules::check_range("ClientOptions::resends", options.resends, 0, most_resends);
  rules::check_span("ClientOptions::retention", options.retention, Duration::zero(),
                    std::chrono::hours{24 * 365 * 100});
  implementation_ = std::make_shared<Implementation>(std::move(storage), std::move(options));
}

std::vector<Creation> Client::submit_all(std::vector<JobRequest> requests, Bulk bulk) {
  return implementation_->create(std::move(requests), bulk);
}

JobId Client::new_id() { return implementation_->ids.next<JobId>(); }

Change Client::requeue(JobId id, const ChangeOptions& options) {
  return implementation_->change(id, states::enqueued(), options, true);
}

Change Client::reschedule(JobId id, Duration delay, const ChangeOptions& options) {
  return implementation_->change(id, states::scheduled(delay), options, true);
}

Change Client::reschedule(JobId id, TimePoint due, const ChangeOptions& options) {
  return implementation_->change(id, states::scheduled(due), options, true);
}

Change Client::move_to_queue(JobId id, const std::string& queue, const ChangeOptions& options) {
  return implementation_->move_to_queue(id, queue, options);
}

Change Client::delete_job(JobId id, const ChangeOptions& options) {
  State deleted = states::deleted();
  deleted.retention = implementation_->retention;
  return implementation_->change(id, std::move(deleted), options, false);
}

std::vector<Change> Client::requeue_all(const std::vector<JobId>& ids,
                                        const ChangeOptions& options) {
  return implementation_->change_all(ids, states::enqueued(), options, true);
}

std::vector<Change> Client::reschedule_all(const std::vector<JobId>& ids, Duration delay,
                                           const ChangeOptions& options) {
  return implementation_->change_all(ids, states::scheduled(delay), options, true);
}

std::vector<Change> Client::reschedule_all(const std::vector<JobId>& ids, TimePoint due,
                                           const ChangeOptions& options) {
  return implementation_->change_all(ids, states::scheduled(due), options, true);
}

std::vector<Change> Client::delete_all(const std::vector<JobId>& ids,
                                       const ChangeOptions& options) {
  State deleted = states::deleted();
  deleted.retention = implementation_->retention;
  return implementation_->change_all(ids, deleted, options, false);
}

Change Client::change_state(JobId id, State state, const ChangeOptions& options) {
  return implementation_->change(id, std::move(state), options, false);
}

std::optional<JobDetails> Client::find(JobId id) {
  return implementation_->storage->monitoring().job(id);
}

Waited Client::wait(JobId id, Duration timeout, std::stop_token stop) {
  Storage& storage = *implementation_->storage;
  Runtime& runtime = *storage.runtime();
  const auto begin = runtime.steady_now();
  // A wait of centuries must not overflow the clock.
  const bool forever = timeout > std::chrono::hours{24 * 365 * 100};
  const SteadyPoint deadline = forever ? SteadyPoint::max() : begin + timeout;
  const auto subscription = storage.wakeup().subscribe({topics::job(id)});
  for (;;) {
    auto job = storage.monitoring().job(id);
    const bool ended = job && at_rest(*job);
    const auto now = runtime.steady_now();
    if (!job || ended || now >= deadline || stop.stop_requested()) {
      return {.ended = ended, .job = std::move(job)};
    }
    subscription->wait_until(std::min(deadline, now + wait_poll_interval), stop);
  }
}

bool Client::set_parameter_text(JobId id, const std::string& name, const std::string& text) {
  rules::check_parameter_name(name);
  return implementation_->storage->jobs().set_parameters(id, {{name, text}});
}

const std::shared_ptr<Storage>& Client::storage() const { return implementation_->storage; }

}  // namespace portfire
