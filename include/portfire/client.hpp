#pragma once

/// The client: creates jobs, steers them, waits for them.
///
/// Ownership: a cheap handle; copies share one object, which keeps the storage open.
/// Threads: every member may be called from any thread at the same time. Concurrent calls share the
/// storage's commits, so many threads enqueuing one by one are much faster than one.
/// Errors: see `Enqueuer`; further `UsageError` for options out of range at construction.

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/enqueuer.hpp>
#include <portfire/filter.hpp>
#include <portfire/log.hpp>
#include <portfire/storage/monitoring.hpp>
#include <portfire/storage/storage.hpp>

namespace portfire {

/// How long a queue may become by the creations of a client.
struct QueueBound {
  enum class WhenFull : unsigned char {
    reject,  ///< the creation answers `full` at once
    block,   ///< it waits until there is room, for `patience` at most, and then answers `full`
  };

  /// So many ready jobs, 1 to 10^12. Clients look at the length of the queue ten times a second at
  /// most, and count what they add meanwhile themselves: several clients can go over it by what the
  /// others add in a second, and one call for many jobs by its own size.
  std::size_t longest = 0;
  WhenFull when_full = WhenFull::reject;
  /// Up to a day.
  Duration patience = std::chrono::seconds{30};
};

struct ClientOptions {
  /// Asked about every creation and every change made through this client.
  Filters filters = {};

  /// How often a creation or change is sent again after a retryable storage error or a lost
  /// connection; 0 to 100. Ids are made beforehand, so that sending again never creates a second
  /// job.
  int resends = 3;

  /// Back-pressure, by the name of the queue; none for the others. Holds for creations that are
  /// ready at once: what is put off, waits for others or is enqueued by a running job is let in.
  std::map<std::string, QueueBound> queue_bounds = {};

  /// Deleted jobs, also continuations that can no longer run, are kept this long.
  Duration retention = default_retention;

  /// Receives what filters throw after the fact.
  LogSink log = spdlog_sink();
};

/// A guard and a reason for a change by hand.
struct ChangeOptions {
  /// Only if the job is in the state of this name; empty for any.
  std::string from = {};
  /// Shown in the history.
  std::string reason = {};
};

/// How a change by hand went. True when the job is now in the state asked for.
struct Change {
  enum class Status : unsigned char {
    changed,
    redirected,      ///< a filter chose another state, which the job has entered
    not_found,       ///< there is no such job (any more)
    state_mismatch,  ///< not in the state that `from` names, or in none that the change allows
    is_batch,        ///< a batch cannot be run or put off
  };

  Status status = Status::changed;
  std::string state = {};  ///< the state entered, or the one that did not match

  explicit operator bool() const { return status == Status::changed; }
};

/// `changed`, `state_mismatch` …
std::string_view to_string(Change::Status status);

/// The end of a wait.
struct Waited {
  /// True when the job has come to rest: Succeeded, Deleted, Failed without a retry left, or a
  /// user-defined state of those kinds. False: not yet, at the deadline or on the stop request.
  bool ended = false;
  /// The job as last seen; absent when it does not exist (any more).
  std::optional<JobDetails> job = std::nullopt;
};

class Client : public Enqueuer {
 public:
  explicit Client(std::shared_ptr<Storage> storage, ClientOptions options = {});

  std::vector<Creation> submit_all(std::vector<JobRequest> requests, Bulk bulk) override;
  JobId new_id() override;

  /// Sends a job to the tail of its queue, from any state, with a new count of attempts. A running
  /// execution loses the job: it is told to stop and its outcome is refused.
  Change requeue(JobId id, const ChangeOptions& options = {});

  /// Puts a job off, from any state; as `requeue` otherwise.
  Change reschedule(JobId id, Duration delay, const ChangeOptions& options = {});
  Change reschedule(JobId id, TimePoint due, const ChangeOptions& options = {});

  /// Sends a job to another queue. A ready one goes to the tail there, a timed one keeps its
  /// instant; attempts count on. Jobs in states of all other kinds answer `state_mismatch`, batches
  /// `is_batch`. A job that is in that queue already is left alone, and counts as changed.
  Change move_to_queue(JobId id, const std::string& queue, const ChangeOptions& options = {});

  /// Moves a job to Deleted. A running execution is told to stop; continuations are let go. With a
  /// batch, all its members that have not ended are deleted, by the servers, within moments.
  Change delete_job(JobId id, const ChangeOptions& options = {});

  /// The same for many jobs, each by itself: what becomes of one says nothing about the others.
  /// Few transactions, unless there are filters. One answer each, in order.
  std::vector<Change> requeue_all(const std::vector<JobId>& ids, const ChangeOptions& options = {});
  std::vector<Change> reschedule_all(const std::vector<JobId>& ids, Duration delay,
                                     const ChangeOptions& options = {});
  std::vector<Change> reschedule_all(const std::vector<JobId>& ids, TimePoint due,
                                     const ChangeOptions& options = {});
  std::vector<Change> delete_all(const std::vector<JobId>& ids, const ChangeOptions& options = {});

  /// Moves a job to any state but one of kind *running*; user-defined ones too. `options.reason` is
  /// used when the state has none.
  Change change_state(JobId id, State state, const ChangeOptions& options = {});

  /// Everything known about a job; absent when it does not exist.
  std::optional<JobDetails> find(JobId id);

  /// Waits until a job comes to rest, at most for `timeout`; see `Waited`.
  Waited wait(JobId id, Duration timeout, std::stop_token stop = {});

  /// The result of a Succeeded job; absent when it has none (yet). Throws `DecodeError` when it is
  /// not a `T`.
  template <class T>
  std::optional<T> result(JobId id) {
    const auto job = find(id);
    if (!job || job->result.empty()) return std::nullopt;
    return decode_value<T>(job->result, "result of job " + to_string(id));
  }

  /// A parameter of a job; absent when the job or the parameter does not exist.
  template <class T>
  std::optional<T> parameter(JobId id, const std::string& name) {
    const auto job = find(id);
    if (!job || !job->parameters.contains(name)) return std::nullopt;
    return decode_value<T>(job->parameters.at(name), "parameter " + name);
  }

  /// Stores a parameter. Returns false when the job does not exist.
  template <class T>
  bool set_parameter(JobId id, const std::string& name, const T& value) {
    return set_parameter_text(id, name, encode_value(value));
  }

  /// Stops a queue from giving out jobs, on all servers, until it is resumed. Jobs that are running
  /// go on; claimed ones that have not begun go back.
  void pause_queue(const std::string& queue, const std::string& by = {},
                   const std::string& reason = {});
  void resume_queue(const std::string& queue);

  [[nodiscard]] const std::shared_ptr<Storage>& storage() const;

 private:
  bool set_parameter_text(JobId id, const std::string& name, const std::string& text);

  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace portfire
