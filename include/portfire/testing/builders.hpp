#pragma once

/// Short words for the values that tests hand to a storage: jobs, transitions and units.
///
/// Each builder is a value that converts to what it describes; its members return it, so that a
/// description reads as one sentence: `job("mail").queue("slow").scheduled(1h)`. No threads, no
/// errors, no ids of its own: ids come from `TestIds` or from the caller.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/state.hpp>
#include <portfire/storage/job_store.hpp>
#include <portfire/storage/unit.hpp>
#include <portfire/time.hpp>

namespace portfire::testing {

/// Ids that ascend and are the same in every run: version 7 in form, a plain count inside.
/// Not synchronised.
class TestIds {
 public:
  /// `family` keeps the ids of several sources apart.
  explicit TestIds(std::uint16_t family = 0) : family_{family} {}

  template <class IdType>
  IdType next() {
    return IdType{std::uint64_t{0x019A'0000'0000'7000},
                  (std::uint64_t{0x8000} + family_) << 48U | ++count_};
  }

 private:
  std::uint64_t family_;
  std::uint64_t count_ = 0;
};

/// A job to be created; by default enqueued in `default`.
class JobBuilder {
 public:
  JobBuilder(JobId id, std::string name) { job_.id = id, job_.name = std::move(name); }

  JobBuilder& queue(std::string name) { return job_.queue = std::move(name), *this; }
  JobBuilder& priority(int value) { return job_.priority = value, *this; }
  JobBuilder& arguments(std::string json) { return job_.arguments = std::move(json), *this; }
  JobBuilder& parameter(std::string name, std::string json) {
    return job_.parameters[std::move(name)] = std::move(json), *this;
  }

  JobBuilder& state(State state) { return job_.state = std::move(state), *this; }
  JobBuilder& scheduled(Duration delay) { return state(states::scheduled(delay)); }
  JobBuilder& scheduled(TimePoint due) { return state(states::scheduled(due)); }
  JobBuilder& instead_of(State candidate) {
    return job_.elected_away.push_back(std::move(candidate)), *this;
  }

  /// Makes it a continuation; called once per parent.
  JobBuilder& after(JobId parent, Condition on = Condition::succeeded) {
    if (job_.parents.empty()) job_.state = states::awaiting();
    return job_.parents.push_back({parent, on}), *this;
  }
  /// Makes it a batch, whose states are called `BatchStarted`, `BatchSucceeded`, `BatchCompleted`.
  JobBuilder& as_batch() {
    job_.is_batch = true;
    job_.state = states::batch_started();
    job_.when_met = states::batch_succeeded();
    job_.when_unmet = states::batch_completed();
    return *this;
  }
  JobBuilder& in(JobId batch) { return job_.batch = batch, *this; }

  JobBuilder& when_met(State state) { return job_.when_met = std::move(state), *this; }
  JobBuilder& when_unmet(State state) { return job_.when_unmet = std::move(state), *this; }

  JobBuilder& unique(std::string key, OnDuplicate on_duplicate = OnDuplicate::reject) {
    job_.unique.key = std::move(key), job_.unique.on_duplicate = on_duplicate;
    return *this;
  }
  JobBuilder& held_while(StateKinds kinds) { return job_.unique.held_while = kinds, *this; }
  JobBuilder& held_for(Duration window) { return job_.unique.window = window, *this; }

  /// Counts for the limit in the kinds *ready* and *running*, or in those given.
  JobBuilder& limited(std::string key, std::uint32_t at_once = 1) {
    job_.limit.key = std::move(key), job_.limit.at_once = at_once;
    return *this;
  }
  JobBuilder& counts_while(StateKinds kinds) { return job_.limit.counts_while = kinds, *this; }

  [[nodiscard]] JobId id() const { return job_.id; }
  operator NewJob() const { return job_; }  // NOLINT: a builder is what it builds

 private:
  NewJob job_;
};

/// A change of state of one job.
class TransitionBuilder {
 public:
  TransitionBuilder(JobId job, State state) { change_.job = job, change_.state = std::move(state); }

  /// Guards it by the execution's epoch: it ends that execution.
  TransitionBuilder& under(const ExecutionRef& execution) {
    change_.epoch = execution.epoch, change_.locator = execution.locator;
    return *this;
  }
  TransitionBuilder& under(std::uint64_t epoch) { return change_.epoch = epoch, *this; }
  TransitionBuilder& expecting(std::string_view state) {
    return change_.expected_state = state, *this;
  }

  TransitionBuilder& instead_of(State candidate) {
    return change_.elected_away.push_back(std::move(candidate)), *this;
  }
  TransitionBuilder& parameter(std::string name, std::optional<std::string> json) {
    return change_.parameters[std::move(name)] = std::move(json), *this;
  }
  TransitionBuilder& attempt(std::uint32_t spent) { return change_.attempt = spent, *this; }
  TransitionBuilder& queue(std::string name) { return change_.queue = std::move(name), *this; }
  TransitionBuilder& priority(int value) { return change_.priority = value, *this; }
  TransitionBuilder& result(std::string json) { return change_.result = std::move(json), *this; }
  TransitionBuilder& took(Duration start_delay, Duration duration) {
    change_.start_delay = start_delay, change_.duration = duration;
    return *this;
  }
  TransitionBuilder& blamed(std::uint32_t crashes) { return change_.crashes = crashes, *this; }
  TransitionBuilder& electing() { return change_.release = Release::elect, *this; }

  operator Transition() const { return change_; }  // NOLINT: a builder is what it builds

 private:
  Transition change_;
};

/// Jobs and transitions that happen together.
class UnitBuilder {
 public:
  explicit UnitBuilder(UnitId id) { unit_.id = id; }

  UnitBuilder& create(NewJob job) { return unit_.jobs.push_back(std::move(job)), *this; }
  UnitBuilder& move(Transition change) {
    return unit_.transitions.push_back(std::move(change)), *this;
  }
  UnitBuilder& change(RecurringChange change) {
    return unit_.recurring.push_back(std::move(change)), *this;
  }

  operator Unit() const { return unit_; }  // NOLINT: a builder is what it builds

 private:
  Unit unit_;
};

/// The transition that ends an execution.
inline TransitionBuilder ending(const Execution& execution, State state = states::succeeded()) {
  return TransitionBuilder{execution.ref.job, std::move(state)}.under(execution.ref);
}

/// A change of state of a job whoever holds it.
inline TransitionBuilder moving(JobId job, State state) { return {job, std::move(state)}; }

}  // namespace portfire::testing
