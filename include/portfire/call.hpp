#pragma once

/// What a call that creates a job says, and what comes of it. Values.

#include <concepts>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <portfire/id.hpp>
#include <portfire/job.hpp>
#include <portfire/storage/unit.hpp>
#include <portfire/time.hpp>

namespace portfire {

/// One after the other: of the jobs of a key, in the order in which they become ready or scheduled,
/// each begins when the one before has ended. Retries keep their turn.
struct Sequence {
  /// 1 to 200 bytes; empty: none. Keys of sequences and of limits are the same keys.
  std::string key = {};
  /// Whether the next one goes ahead when one is Failed for good. Otherwise the sequence rests
  /// until somebody has requeued or deleted that one.
  bool past_failures = false;
};

/// Of calls that come in bursts the last one counts: with `schedule`, each takes the place of the
/// one before that has not begun yet, and puts the time off.
inline UniqueKey debounced(std::string key) {
  return {.key = std::move(key),
          .on_duplicate = OnDuplicate::replace,
          .held_while = {StateKind::ready, StateKind::timed, StateKind::waiting}};
}

/// Of calls that come in bursts the first one counts: the others, up to the end of the window,
/// answer with its job.
inline UniqueKey throttled(std::string key, Duration window) {
  return {.key = std::move(key), .on_duplicate = OnDuplicate::use_existing, .window = window};
}

/// What a single call says differently from the defaults of its kind of job.
struct CallOptions {
  /// `[a-z0-9_-]+`; empty: the job's own.
  std::string queue = {};
  /// −100 to 100.
  int priority = unset;
  /// At most one job holds the key at a time; see `UniqueKey`. `.unique = {"welcome:ann"}`.
  UniqueKey unique = {};
  /// At most so many of the key are ready or running at a time, in the whole storage; the others
  /// stand in line without holding a worker; see `Limit`. `.limit = {"api.example.com", 3}`.
  Limit limit = {};
  /// Strictly one after the other. `.sequence = {"customer-17"}`. Not together with `limit`.
  Sequence sequence = {};
  /// Retries after the first run, 0 to 1,000,000.
  int attempts = unset;
  /// The stop token fires after this long; zero: the job's own.
  Duration timeout = Duration::zero();
  /// Deleted instead of run once it has been ready for longer than this; zero: the job's own.
  Duration start_within = Duration::zero();
  /// Kept this long once Succeeded or Deleted; zero: the job's own.
  Duration retention = Duration::zero();
  /// The batch that the job becomes a member of; see `<portfire/batch.hpp>`. One that has ended is
  /// reopened; one that was deleted rejects the call.
  JobId batch = {};
  /// Travels with the job, and with whatever its handler enqueues, and so on: a tenant, a trace
  /// parent. What a call says itself takes precedence. Names and values together at most 8 KiB.
  std::map<std::string, std::string> baggage = {};
  /// Words by which the job can be found, each 1 to 100 bytes, at most 20.
  std::vector<std::string> tags = {};
  /// What people see in the place of the job's name, up to 200 bytes; empty: the job's own. `{0}`
  /// stands for the first argument, and so on.
  std::string display_name = {};
  /// Free data beside the arguments. Names beginning with `portfire.` are reserved.
  std::map<std::string, nlohmann::json> parameters = {};
};

/// How a creation went. Converts to the id of the job that now stands for the call; nil when there
/// is none.
struct Creation {
  enum class Status : unsigned char {
    created,
    existing,  ///< the unique key is held by `id`, and the call was content with that
    replaced,  ///< the unique key is held by `id`, which now does what the call asked for
    rejected,  ///< the unique key is held by `holder`; a parent or the batch does not exist
    vetoed,    ///< a filter stopped it
    full,      ///< its queue has reached the bound that `ClientOptions` gives it
  };

  Status status = Status::created;
  JobId id = {};
  JobId holder = {};
  std::string reason = {};  ///< for people, when rejected, vetoed or full

  [[nodiscard]] bool created() const { return status == Status::created; }
  operator JobId() const { return id; }  // NOLINT: meant to be implicit
};

/// What a continuation waits for. Built by `on_succeeded` and its sisters; a plain id, or a list of
/// ids, means *succeeded*. `on_failed(a) & on_finished(b)` waits for both.
class Parents {
 public:
  template <std::convertible_to<JobId> Id>
  Parents(const Id& parent)  // NOLINT: meant to be implicit
      : Parents(std::initializer_list<JobId>{parent}) {}
  Parents(std::initializer_list<JobId> parents)
      : Parents{Condition::succeeded, std::vector<JobId>{parents}} {}
  Parents(const std::vector<JobId>& parents)  // NOLINT: meant to be implicit
      : Parents{Condition::succeeded, parents} {}
  Parents(Condition on, const std::vector<JobId>& parents) {
    for (const JobId parent : parents) list_.push_back({parent, on});
  }

  [[nodiscard]] const std::vector<Parent>& list() const { return list_; }

  friend Parents operator&(Parents a, const Parents& b) {
    a.list_.insert(a.list_.end(), b.list_.begin(), b.list_.end());
    return a;
  }

 private:
  std::vector<Parent> list_;
};

template <std::convertible_to<JobId>... Ids>
Parents on_succeeded(const Ids&... ids) {
  return {Condition::succeeded, {static_cast<JobId>(ids)...}};
}
template <std::convertible_to<JobId>... Ids>
Parents on_deleted(const Ids&... ids) {
  return {Condition::deleted, {static_cast<JobId>(ids)...}};
}
/// Entered Failed with no retry left.
template <std::convertible_to<JobId>... Ids>
Parents on_failed(const Ids&... ids) {
  return {Condition::failed, {static_cast<JobId>(ids)...}};
}
/// Succeeded or Deleted.
template <std::convertible_to<JobId>... Ids>
Parents on_finished(const Ids&... ids) {
  return {Condition::finished, {static_cast<JobId>(ids)...}};
}

/// How a bulk creation deals with one that cannot be created.
enum class Bulk : unsigned char {
  all_or_nothing,  ///< one transaction; one rejection rejects all
  each,            ///< every job by itself, still few transactions
};

/// What is said about a batch.
struct BatchOptions {
  /// For people.
  std::string description = {};
  /// What has to come before: the batch is created at once, and its members wait for these.
  /// Members that cannot run any more because of it are deleted.
  std::optional<Parents> after = std::nullopt;
  /// Kept this long once it has ended.
  Duration retention = default_batch_retention;
  /// Of which it becomes a member.
  JobId batch = {};
};

/// A creation as the templates hand it on; not needed by users.
struct JobRequest {
  std::string name;
  std::string arguments;
  JobOptions defaults = {};
  CallOptions call = {};
  State state = states::enqueued();
  std::vector<Parent> parents = {};
  /// Of those that wait: what comes when all conditions are met.
  State when_met = states::enqueued();
  /// Nil: one is made when the job is created.
  JobId id = {};
  bool is_batch = false;
  /// Parameters of Portfire's own: name → JSON text.
  std::map<std::string, std::string> reserved = {};
};

}  // namespace portfire
