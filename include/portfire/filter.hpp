#pragma once

/// User code around creation, execution, election and application of states.
///
/// A filter overrides the hooks that it wants; the others do nothing. Filters belong to a client,
/// to a server or to one kind of job (`Handlers`), never to the process. Within a list they run by
/// `order()`, then as listed; the second of two paired hooks (`created`, `performed`) and `failed`
/// run in reverse.
///
/// Threads: one filter object serves all workers at once and must be stateless or synchronised.
/// Errors: an exception of a filter in `creating` reaches the caller of `enqueue`; in `performing`
/// and `performed` it counts as the job's own; in `electing` and `applying` the job becomes Failed
/// with a reason that names the filter and the hook, so that no filter can block a worker for ever;
/// in the others it is logged.

#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/job.hpp>
#include <portfire/state.hpp>
#include <portfire/storage/job_store.hpp>
#include <portfire/storage/unit.hpp>

namespace portfire {

class Context;

/// A job about to be created. Everything in `job` may be changed.
struct Creating {
  NewJob& job;

  /// Stops the creation: `enqueue` returns no id. Later filters are not asked.
  void veto(std::string reason) {
    vetoed = true;
    veto_reason = std::move(reason);
  }

  bool vetoed = false;
  std::string veto_reason = {};
};

/// A creation that has been attempted.
struct Created {
  const NewJob& job;
  bool vetoed = false;  ///< by a filter, or because its queue is full
  /// How the storage answered; absent when vetoed or when `error` is set.
  const CommitResult* result = nullptr;
  std::exception_ptr error = nullptr;
};

/// An execution about to begin.
struct Performing {
  Context& context;

  /// Skips the handler; the job becomes Deleted with this reason. Later filters are not asked.
  void cancel(std::string reason) {
    cancelled = true;
    cancel_reason = std::move(reason);
  }

  bool cancelled = false;
  std::string cancel_reason = {};
};

/// An execution that has ended.
struct Performed {
  Context& context;
  bool cancelled = false;
  /// What the handler (or a filter nearer to it) threw. Setting it to null swallows the exception:
  /// the job then succeeds without a result.
  std::exception_ptr error = nullptr;
};

/// What an election knows of the job.
struct JobFacts {
  JobId id;
  std::string_view name;
  std::string_view queue;
  std::string_view arguments;
  std::string_view current_state;  ///< empty at its creation
  std::uint32_t attempt = 0;       ///< attempts spent so far
  const std::map<std::string, std::string>& parameters;
  /// Retries that the kind of job, or this job, asks for; `unset` leaves it to the filter.
  int attempts_limit;
};

/// A candidate state before it is entered. One pass: later filters see the newest candidate; each
/// replaced one goes into the history.
struct Election {
  const JobFacts& job;
  State candidate;
  std::vector<State> replaced = {};

  /// The exception behind a Failed candidate, if there is one in this process.
  std::exception_ptr error = nullptr;
  /// `retry_in` of the handler, where it asked for a delay of its own.
  std::optional<Duration> requested_delay = std::nullopt;
  /// The new count of attempts, where it changes.
  std::optional<std::uint32_t> attempt = std::nullopt;
  /// Parameter changes that commit with the state.
  std::map<std::string, std::optional<std::string>> parameters = {};

  /// Proposes another state in place of the candidate.
  void elect(State state) {
    replaced.push_back(std::move(candidate));
    candidate = std::move(state);
  }
};

/// A transition just before its commit. Its parameters, reason, data and retention may be changed;
/// its state's kind must not.
struct Applying {
  const JobFacts& job;
  Transition& transition;
};

/// A transition after its commit.
struct Applied {
  const JobFacts& job;
  const Transition& transition;
  const CommitResult& result;
};

/// An exception on its way out of a handler; told before the election.
struct Failing {
  Context& context;
  std::exception_ptr error;
};

class Filter {
 public:
  virtual ~Filter() = default;

  /// For messages: names the filter when it throws.
  [[nodiscard]] virtual std::string_view name() const { return "filter"; }

  /// Lower runs first; equal ones as listed.
  [[nodiscard]] virtual int order() const { return 0; }

  virtual void creating(Creating&) {}
  virtual void created(const Created&) {}
  virtual void performing(Performing&) {}
  virtual void performed(Performed&) {}
  virtual void failed(const Failing&) {}
  virtual void electing(Election&) {}
  virtual void applying(Applying&) {}
  virtual void applied(const Applied&) {}

  /// Whether `electing` wants to see jobs that a storage would otherwise move on by itself:
  /// scheduled ones that fall due and continuations that are let go. Costs a round trip for each of
  /// them.
  [[nodiscard]] virtual bool elects_released_jobs() const { return false; }
};

using Filters = std::vector<std::shared_ptr<Filter>>;

}  // namespace portfire
