#include "server/performer.hpp"

#include <portfire/error.hpp>

#include "client/text.hpp"
#include "model/rules.hpp"
#include "server/error_record.hpp"
#include "server/steering.hpp"

namespace portfire::server {

// How an execution ended, before the election.
struct Performer::Ended {
  State candidate;
  std::exception_ptr error;
  std::optional<Duration> requested_delay;
  std::string result;
  bool give_back = false;
  Duration start_delay{};
  Duration duration{};
  std::map<std::string, std::optional<std::string>> parameters;
  std::vector<NewJob> created;
  std::optional<Report> report;
  CommitUnit commit;         // by the handler's own transaction …
  std::optional<Unit> unit;  // … which has happened
};

namespace {

int attempts_limit(const Claimed& claimed) {
  const auto own = steering_number(claimed.execution, rules::attempts_parameter);
  if (own) return static_cast<int>(*own);
  return claimed.handler == nullptr ? unset : claimed.handler->handler->attempts;
}

JobFacts facts_of(const Claimed& claimed) {
  const Execution& execution = claimed.execution;
  return {.id = execution.ref.job,
          .name = execution.name,
          .queue = execution.queue,
          .arguments = execution.arguments,
          .current_state = state_names::processing,
          .attempt = execution.attempt,
          .parameters = execution.parameters,
          .attempts_limit = attempts_limit(claimed)};
}

// Why it is not worth running any more, if so.
std::optional<std::string> too_late(const RunningJob& running) {
  const Execution& execution = running.execution();
  const auto own = steering_number(execution, rules::start_within_parameter);
  const Duration most = own ? Duration{*own} : running.handler().start_within;
  if (most == Duration::zero()) return std::nullopt;
  const Duration waited = execution.claimed_at - execution.ready_at + running.start_delay();
  if (waited <= most) return std::nullopt;
  return "It was to start within " + to_string(most) + ", but waited " + to_string(waited);
}

State state_for(const Outcome& outcome) {
  switch (outcome.kind()) {
    case Outcome::Kind::done: return states::succeeded();
    case Outcome::Kind::retry: return states::failed(outcome.reason());
    case Outcome::Kind::snooze: return states::scheduled(outcome.delay(), outcome.reason());
    case Outcome::Kind::cancel: break;
  }
  return states::deleted(outcome.reason());
}

}  // namespace

Performer::Ended Performer::judge(RunningJob& running, const FilterChain& filters,
                                  Performed& performed, Outcome outcome) const {
  Ended ended;
  if (performed.error == nullptr) {
    if (performed.cancelled) return {.candidate = states::deleted(outcome.reason())};
    ended.candidate = state_for(outcome);
    if (outcome.kind() == Outcome::Kind::retry) ended.requested_delay = outcome.delay();
    ended.result = outcome.result();
    ended.commit = outcome.commit();
    return ended;
  }
  filters.failed({.context = performed.context, .error = performed.error});
  const StopReason stopped = running.stop_reason();
  ended.error = performed.error;
  ended.give_back = stopped == StopReason::shutdown || stopped == StopReason::lease_lost;
  ErrorRecord record = record_error(performed.error, options_.error_limit, crash_watch_.tracer());
  std::string reason = stopped == StopReason::timeout
                           ? "Timed out after " + to_string(running.timeout()) + ": "
                           : std::string{};
  constexpr std::size_t longest_reason = 500;
  reason += shorten(record.message.empty() ? record.type : record.message, longest_reason);
  ended.candidate = states::failed(std::move(reason), std::move(record.data));
  return ended;
}

Outcome Performer::call(RunningJob& running, Context& context, std::size_t worker) const {
  const Handler& handler = running.handler();
  const bool isolated = isolator_ != nullptr && isolator_->takes(handler);
  if (!isolated) return handler.run(context);
  const CrashWatch::Absence absence{crash_watch_, worker};
  return isolator_->run(running, worker);
}

Performer::Ended Performer::run(RunningJob& running, const FilterChain& filters,
                                std::size_t worker) const {
  if (auto reason = too_late(running)) return {.candidate = states::deleted(std::move(*reason))};
  Context context{running};
  Outcome outcome;
  Performed performed{.context = context};
  try {
    Performing performing{.context = context};
    filters.performing(performing);
    performed.cancelled = performing.cancelled;
    outcome = performing.cancelled ? cancel(std::move(performing.cancel_reason))
                                   : call(running, context, worker);
  } catch (...) {
    performed.error = std::current_exception();
  }
  if (!filters.empty()) {
    const bool threw = performed.error != nullptr;
    filters.performed(performed);
    if (threw && performed.error == nullptr) outcome = done();
  }
  Ended ended = judge(running, filters, performed, std::move(outcome));
  if (ended.candidate.ending == Ending::succeeded) ended.created = running.take_created();
  ended.parameters = running.take_parameters();
  return ended;
}

Completion Performer::perform(Claimed claimed, std::size_t worker) const {
  // To the very end: the filters of the election are part of it.
  const CrashWatch::Witness witness{crash_watch_, worker, claimed};
  const SteadyPoint started_at = surroundings_.runtime.steady_now();
  Ended ended;
  {
    RunningJob running{claimed, surroundings_, started_at};
    {
      const ActiveJobs::Guard guard{active_, worker, running};
      ended = run(running, claimed.handler->filters, worker);
      if (ended.commit) ended = commit_apart(running, claimed, std::move(ended));
    }
    ended.start_delay = running.start_delay();
    ended.report = running.take_report(false);
  }
  ended.duration = std::chrono::floor<Duration>(surroundings_.runtime.steady_now() - started_at);
  return complete(std::move(claimed), std::move(ended));
}

// What has been committed here goes to the finisher all the same, which finds it done.
Performer::Ended Performer::commit_apart(RunningJob& running, const Claimed& claimed,
                                         Ended ended) const {
  ended.start_delay = running.start_delay();
  ended.duration =
      std::chrono::floor<Duration>(surroundings_.runtime.steady_now() - running.started_at());
  const FilterChain& filters = claimed.handler->filters;
  const auto parameters = ended.parameters;
  try {
    ended.unit = unit_of(claimed, ended);
    // Elected away: then the handler's transaction goes, and the state is stored without it.
    if (ended.unit->transitions.front().state.ending == Ending::succeeded) {
      report_at_once(running);
      ended.commit(*ended.unit);
    }
    ended.commit = {};
    return ended;
  } catch (...) {
    Context context{running};
    Performed performed{.context = context, .error = std::current_exception()};
    Ended failed = judge(running, filters, performed, {});
    failed.parameters = parameters;
    return failed;
  }
}

// Lines that come after the end are dropped, and the end will not have passed the finisher.
void Performer::report_at_once(RunningJob& running) const {
  const std::optional<Report> report = running.take_report(false);
  if (!report) return;
  try {
    surroundings_.storage.jobs().report({&*report, 1});
  } catch (const StorageError&) {
    // What the job has done matters more than what it has said.
  }
}

Completion Performer::end(Claimed claimed, State state) const {
  Completion completion{.claimed = std::move(claimed),
                        .unit = {.id = surroundings_.ids.next<UnitId>()}};
  const ExecutionRef& ref = completion.claimed.execution.ref;
  set_retention(state, completion.claimed);
  completion.unit.transitions.push_back({.job = ref.job,
                                         .locator = ref.locator,
                                         .epoch = ref.epoch,
                                         .state = std::move(state),
                                         .release = release()});
  return completion;
}

Unit Performer::end_unstorable(const Claimed& claimed, const std::string& message) const {
  return end(claimed, states::failed("The outcome could not be stored: " + message)).unit;
}

Unit Performer::end_crashed(const Claimed& claimed, State failed, std::uint32_t crashes) const {
  Ended ended{.candidate = std::move(failed)};
  Unit unit = unit_of(claimed, ended);
  unit.transitions.front().crashes = crashes;
  return unit;
}

void Performer::tell_applied(const Claimed& claimed, const Unit& unit,
                             const CommitResult& result) const {
  if (claimed.handler == nullptr || claimed.handler->filters.empty()) return;
  const JobFacts facts = facts_of(claimed);
  claimed.handler->filters.applied(
      {.job = facts, .transition = unit.transitions.front(), .result = result});
}

void Performer::tell_created(const Unit& unit, const CommitResult& result) const {
  if (surroundings_.filters.empty()) return;
  for (const NewJob& job : unit.jobs)
    surroundings_.filters.created({.job = job, .result = &result});
}

// Whoever waits for this job may be of a kind whose filters elect.
Release Performer::release() const {
  return options_.elects_released_jobs ? Release::elect : Release::straight;
}

Completion Performer::complete(Claimed claimed, Ended ended) const {
  Completion completion{.claimed = std::move(claimed), .give_back = ended.give_back};
  completion.report = std::move(ended.report);
  completion.unit = ended.unit ? std::move(*ended.unit) : unit_of(completion.claimed, ended);
  return completion;
}

Unit Performer::unit_of(const Claimed& claimed, Ended& ended) const {
  Unit unit{.id = surroundings_.ids.next<UnitId>(), .jobs = std::move(ended.created)};
  Transition& transition = unit.transitions.emplace_back();
  const ExecutionRef& ref = claimed.execution.ref;
  transition.job = ref.job;
  transition.locator = ref.locator;
  transition.epoch = ref.epoch;
  transition.result = std::move(ended.result);
  transition.start_delay = ended.start_delay;
  transition.duration = ended.duration;
  transition.parameters = std::move(ended.parameters);
  transition.state = std::move(ended.candidate);
  transition.release = release();

  const FilterChain& filters = claimed.handler->filters;
  if (!filters.empty()) {
    const JobFacts facts = facts_of(claimed);
    Election election{.job = facts,
                      .candidate = std::move(transition.state),
                      .error = ended.error,
                      .requested_delay = ended.requested_delay};
    filters.electing(election);
    transition.state = std::move(election.candidate);
    transition.elected_away = std::move(election.replaced);
    transition.attempt = election.attempt;
    transition.parameters.merge(election.parameters);
    set_retention(transition.state, claimed);
    filters.applying(facts, transition);
  } else {
    set_retention(transition.state, claimed);
  }
  // Only a job that really succeeded may have enqueued.
  if (transition.state.ending != Ending::succeeded) unit.jobs.clear();
  return unit;
}

void Performer::set_retention(State& state, const Claimed& claimed) const {
  if (state.kind == StateKind::parked) {
    if (state.ending == Ending::failed && options_.failed_retention > Duration::zero()) {
      state.retention = options_.failed_retention;
    }
    return;
  }
  if (state.kind != StateKind::final || state.ending == Ending::other) return;
  Duration retention = options_.retention;
  if (claimed.handler != nullptr && claimed.handler->handler->retention > Duration::zero()) {
    retention = claimed.handler->handler->retention;
  }
  const auto own = steering_number(claimed.execution, rules::retention_parameter);
  state.retention = own ? Duration{*own} : retention;
}

}  // namespace portfire::server
