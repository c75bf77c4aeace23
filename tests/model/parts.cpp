// The parts of random operations: jobs, transitions, states.

#include <algorithm>

#include "model/operations.hpp"

namespace portfire::model_test {

using namespace std::chrono_literals;
using testing::JobBuilder;
using testing::TransitionBuilder;

Unit Generator::unit() {
  Unit unit{.id = ids_.next<UnitId>()};
  for (std::uint64_t more = random_.below(4); more > 0; --more) unit.jobs.push_back(job());
  const std::uint64_t changes = unit.jobs.empty() ? 1 + random_.below(2) : random_.below(2);
  for (std::uint64_t more = changes; more > 0; --more) unit.transitions.push_back(transition());
  return unit;
}

NewJob Generator::job() {
  static const std::vector<std::string> names = {"wash", "dry", "fold"};
  JobBuilder job{ids_.next<JobId>(), random_.pick(names)};
  job.queue(queue()).arguments("[" + std::to_string(random_.below(100)) + "]");
  if (random_.chance(30)) job.priority(static_cast<int>(random_.below(3)) - 1);
  if (random_.chance(20)) job.parameter("a", std::to_string(random_.below(100)));
  if (!batches_.empty() && random_.chance(30)) job.in(batch());
  if (random_.chance(8)) {
    job.as_batch();
    batches_.push_back(job.id());
  } else if (!known_->jobs.empty() && random_.chance(35)) {
    for (std::uint64_t more = random_.below(3) + 1; more > 0; --more) {
      job.after(any_job(), static_cast<Condition>(random_.below(4)));
    }
    if (random_.chance(30)) job.when_met(next_state());
    if (random_.chance(30)) job.when_unmet(next_state());
  } else if (random_.chance(35)) {
    job.state(state());
  }
  if (random_.chance(10)) job.instead_of(state());
  if (random_.chance(30)) make_unique(job);
  if (random_.chance(30)) make_limited(job);
  jobs_.push_back(job.id());
  return job;
}

// One of the latest; now and then something that is none.
JobId Generator::batch() {
  if (random_.chance(5)) return any_job();
  const std::size_t recent = std::min<std::size_t>(batches_.size(), 4);
  return batches_[batches_.size() - 1 - random_.index(recent)];
}

void Generator::make_unique(JobBuilder& job) {
  auto on_duplicate = static_cast<OnDuplicate>(random_.below(3));
  const NewJob& so_far = job;
  const bool replaces = !so_far.is_batch && !so_far.batch && so_far.parents.empty();
  if (on_duplicate == OnDuplicate::replace && !replaces) on_duplicate = OnDuplicate::use_existing;
  job.unique("key " + std::to_string(random_.below(3)), on_duplicate);
  if (random_.chance(30)) {
    job.held_while(StateKinds::from_bits(static_cast<std::uint8_t>(random_.below(64))));
  }
  if (random_.chance(20)) job.held_for(span());
}

void Generator::make_limited(JobBuilder& job) {
  const NewJob& so_far = job;
  if (so_far.is_batch) return;
  job.limited("limit " + std::to_string(random_.below(3)),
              static_cast<std::uint32_t>(random_.below(2) + 1));
  static const std::vector<StateKinds> choices = {
      {StateKind::ready, StateKind::running},
      {StateKind::ready, StateKind::running, StateKind::timed},
      {StateKind::ready, StateKind::running, StateKind::parked},
      {StateKind::ready, StateKind::running, StateKind::timed, StateKind::parked}};
  job.counts_while(random_.pick(choices));
}

Transition Generator::transition() {
  if (!known_->executions.empty() && random_.chance(20)) return end_of(any_execution());
  TransitionBuilder change{any_job(), next_state()};
  static const std::vector<std::string> guards = {"Enqueued", "Scheduled", "Failed", "Awaiting"};
  if (random_.chance(30)) change.expecting(random_.pick(guards));
  if (random_.chance(15)) change.queue(queue());
  if (random_.chance(15)) change.priority(static_cast<int>(random_.below(3)) - 1);
  if (random_.chance(20)) change.attempt(static_cast<std::uint32_t>(random_.below(4)));
  if (random_.chance(20)) change.parameter("b", std::to_string(random_.below(100)));
  if (random_.chance(10)) change.parameter("a", std::nullopt);
  if (random_.chance(10)) change.instead_of(state());
  if (random_.chance(25)) change.electing();
  return change;
}

Transition Generator::end_of(const ExecutionRef& execution) {
  TransitionBuilder change{execution.job, random_.chance(60) ? states::succeeded() : next_state()};
  change.under(execution.epoch).took(span() / 1000, span() / 100);
  if (random_.chance(40)) change.result(std::to_string(random_.below(1000)));
  if (random_.chance(40)) change.attempt(static_cast<std::uint32_t>(random_.below(4)));
  if (random_.chance(10)) change.expecting(random_.chance(80) ? "Processing" : "Enqueued");
  if (random_.chance(20)) change.parameter("c", std::to_string(random_.below(100)));
  if (random_.chance(10)) change.blamed(static_cast<std::uint32_t>(random_.below(3)));
  if (random_.chance(10)) change.instead_of(state());
  if (random_.chance(25)) change.electing();
  return change;
}

// Any state that a job can enter without waiting for another.
State Generator::state() {
  State state;
  switch (random_.below(9)) {
    case 0: state = states::succeeded("well"); break;
    case 1: state = states::deleted(); break;
    case 2: state = states::failed("badly", R"({"error":1})"); break;
    case 3: state = {.name = "Parked", .kind = StateKind::parked, .reason = "aside"}; break;
    case 4: state = {.name = "Skipped", .kind = StateKind::final, .ending = Ending::other}; break;
    case 5: state = states::scheduled(span(), "later"); break;
    case 6: state = states::scheduled(clock_->now() + span()); break;
    default: state = states::enqueued("now");
  }
  const bool ends = state.kind == StateKind::final || state.kind == StateKind::parked;
  if (ends && random_.chance(40)) state.retention = span();
  return state;
}

State Generator::next_state() { return random_.chance(30) ? states::enqueued() : state(); }

// To the microsecond, so that two instants are seldom equal.
Duration Generator::span() {
  return Duration{1 + static_cast<Duration::rep>(random_.below(7'200'000'000))};
}

std::string Generator::queue() {
  static const std::vector<std::string> queues = {"red", "red", "blue", "green"};
  return random_.pick(queues);
}

JobId Generator::any_job() {
  const std::vector<JobId>& jobs = known_->jobs;
  if (jobs.empty() || random_.chance(2)) return ids_.next<JobId>();
  const std::size_t recent = std::min<std::size_t>(jobs.size(), 30);
  return jobs[jobs.size() - 1 - random_.index(recent)];
}

ServerId Generator::any_server() {
  if (living_.empty() || random_.chance(5)) return random_.pick(servers_);
  return random_.pick(living_);
}

ExecutionRef Generator::any_execution() {
  const std::vector<ExecutionRef>& executions = known_->executions;
  const std::size_t recent = std::min<std::size_t>(executions.size(), 10);
  return executions[executions.size() - 1 - random_.index(recent)];
}

}  // namespace portfire::model_test
