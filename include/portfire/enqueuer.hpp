#pragma once

/// The verbs that create jobs: shared by `Client`, by `client.with(…)` and by `Context::client()`.

#include <functional>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <portfire/arguments.hpp>
#include <portfire/call.hpp>
#include <portfire/id.hpp>
#include <portfire/job.hpp>
#include <portfire/storage/unit.hpp>
#include <portfire/time.hpp>

namespace portfire {

class Batch;
class Workflow;

/// Threads: as the object that it belongs to. Errors: `UsageError` for an invalid queue name,
/// priority, key or parameter name and for arguments that JSON cannot express; `StorageError`;
/// whatever a `creating` filter throws. A misfit between arguments and job does not compile.
class Enqueuer {
 public:
  class Scoped;

  virtual ~Enqueuer() = default;

  /// Fire and forget: to be run as soon as a worker is free.
  template <auto Function, class... Arguments>
  Creation enqueue(Arguments&&... arguments) {
    return enqueue(job<Function>, std::forward<Arguments>(arguments)...);
  }
  template <class Signature, class... Arguments>
  Creation enqueue(const Job<Signature>& job, Arguments&&... arguments) {
    return submit(request(job, states::enqueued(), std::forward<Arguments>(arguments)...));
  }

  /// After a delay, or at an instant. The first argument is one of the two.
  template <auto Function, class When, class... Arguments>
  Creation schedule(const When& when, Arguments&&... arguments) {
    return schedule(job<Function>, when, std::forward<Arguments>(arguments)...);
  }
  template <class Signature, class When, class... Arguments>
  Creation schedule(const Job<Signature>& job, const When& when, Arguments&&... arguments) {
    return submit(request(job, scheduled(when), std::forward<Arguments>(arguments)...));
  }

  /// After other jobs: `continue_with<&report>(id)`, `continue_with<&alert>(on_failed(id),
  /// "text")`.
  template <auto Function, class... Arguments>
  Creation continue_with(const Parents& parents, Arguments&&... arguments) {
    return continue_with(job<Function>, parents, std::forward<Arguments>(arguments)...);
  }
  template <class Signature, class... Arguments>
  Creation continue_with(const Job<Signature>& job, const Parents& parents,
                         Arguments&&... arguments) {
    JobRequest child = request(job, states::awaiting(), std::forward<Arguments>(arguments)...);
    child.parents = parents.list();
    return submit(std::move(child));
  }

  /// One job per element: the only argument, or a tuple of all of them. One answer each, in order.
  template <auto Function, std::ranges::input_range Range>
  std::vector<Creation> enqueue_all(const Range& calls, Bulk bulk = Bulk::all_or_nothing) {
    return enqueue_all(job<Function>, calls, bulk);
  }
  template <class Signature, std::ranges::input_range Range>
  std::vector<Creation> enqueue_all(const Job<Signature>& job, const Range& calls,
                                    Bulk bulk = Bulk::all_or_nothing) {
    return submit_all(requests(job, calls), bulk);
  }

  /// The same, with options for each: `options_for(element)` returns its `CallOptions`, which take
  /// precedence over those of `with`. So a bulk can have a unique key per job.
  template <auto Function, std::ranges::input_range Range, class OptionsFor>
    requires std::is_invocable_r_v<CallOptions, OptionsFor&, std::ranges::range_reference_t<Range>>
  std::vector<Creation> enqueue_all(const Range& calls, OptionsFor options_for,
                                    Bulk bulk = Bulk::all_or_nothing) {
    return enqueue_all(job<Function>, calls, std::move(options_for), bulk);
  }
  template <class Signature, std::ranges::input_range Range, class OptionsFor>
    requires std::is_invocable_r_v<CallOptions, OptionsFor&, std::ranges::range_reference_t<Range>>
  std::vector<Creation> enqueue_all(const Job<Signature>& job, const Range& calls,
                                    OptionsFor options_for, Bulk bulk = Bulk::all_or_nothing) {
    std::vector<JobRequest> all = requests(job, calls);
    auto request = all.begin();
    for (const auto& call : calls) (request++)->call = options_for(call);
    return submit_all(std::move(all), bulk);
  }

  /// A batch of the jobs that `fill(batch)` adds, stored in one step when it returns. What it
  /// throws leaves nothing behind. The answer is the batch's; *rejected*: nothing was created.
  Creation batch(BatchOptions options, const std::function<void(Batch&)>& fill);
  Creation batch(std::string description, const std::function<void(Batch&)>& fill);

  /// A batch whose jobs hand their results on: see `<portfire/workflow.hpp>`. As `batch` otherwise.
  Creation workflow(BatchOptions options, const std::function<void(Workflow&)>& build);
  Creation workflow(std::string description, const std::function<void(Workflow&)>& build);

  /// By name and JSON array, without a descriptor: for command lines and other languages. Throws
  /// `UsageError` when `arguments` is not a JSON array. They are stored as they are written, but
  /// for spaces: every digit of a number stays.
  Creation enqueue_raw(std::string name, std::string_view arguments);
  Creation schedule_raw(std::string name, std::string_view arguments, State scheduled);
  Creation continue_raw(std::string name, std::string_view arguments, const Parents& parents);

  /// The same verbs with options for the calls made through it. It refers to this object.
  [[nodiscard]] Scoped with(CallOptions options);

  /// The form behind all others.
  virtual std::vector<Creation> submit_all(std::vector<JobRequest> requests, Bulk bulk) = 0;
  Creation submit(JobRequest request);
  /// An id for a job that is going to be created.
  virtual JobId new_id() = 0;

 private:
  template <class Signature, class... Arguments>
  static JobRequest request(const Job<Signature>& job, State state, Arguments&&... arguments) {
    using Stored = typename Job<Signature>::Signature::Stored;
    return {.name = std::string{job.name},
            .arguments = detail::encode_call<Stored>(std::forward<Arguments>(arguments)...),
            .defaults = job.options,
            .state = std::move(state)};
  }

  template <class Signature, class Range>
  static std::vector<JobRequest> requests(const Job<Signature>& job, const Range& calls) {
    std::vector<JobRequest> all;
    if constexpr (std::ranges::sized_range<Range>) all.reserve(std::ranges::size(calls));
    for (const auto& call : calls) {
      if constexpr (detail::is_tuple<std::remove_cvref_t<decltype(call)>>) {
        all.push_back(std::apply(
            [&](const auto&... items) { return request(job, states::enqueued(), items...); },
            call));
      } else {
        all.push_back(request(job, states::enqueued(), call));
      }
    }
    return all;
  }

  template <class Rep, class Period>
  static State scheduled(const std::chrono::duration<Rep, Period>& delay) {
    return states::scheduled(std::chrono::ceil<Duration>(delay));
  }
  template <class Span>
  static State scheduled(const std::chrono::sys_time<Span>& due) {
    return states::scheduled(std::chrono::ceil<Duration>(due));
  }
  template <class Other>
  static State scheduled(const Other&) {
    static_assert(detail::never<Other>,
                  "Portfire: schedule takes a delay (std::chrono::duration) or a time point of the "
                  "system clock before the job's arguments");
    return {};
  }
};

/// What `with` returns.
class Enqueuer::Scoped : public Enqueuer {
 public:
  Scoped(Enqueuer& target, CallOptions options) : target_{target}, options_{std::move(options)} {}

  std::vector<Creation> submit_all(std::vector<JobRequest> requests, Bulk bulk) override;
  JobId new_id() override;

 private:
  Enqueuer& target_;
  const CallOptions options_;
};

}  // namespace portfire
