#pragma once

/// What a call that creates a job says, and what comes of it. Values.

#include <concepts>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <portfire/id.hpp>
#include <portfire/job.hpp>
#include <portfire/storage/unit.hpp>
#include <portfire/time.hpp>

namespace portfire {

/// What a single call says differently from the defaults of its kind of job.
struct CallOptions {
  /// `[a-z0-9_-]+`; empty: the job's own.
  std::string queue = {};
  /// −100 to 100.
  int priority = unset;
  /// At most one job holds the key at a time; see `UniqueKey`. `.unique = {"welcome:ann"}`.
  UniqueKey unique = {};
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
  /// Free data beside the arguments. Names beginning with `portfire.` are reserved.
  std::map<std::string, nlohmann::json> parameters = {};
};

/// How a creation went. Converts to the id of the job that now stands for the call; nil when there
/// is none.
struct Creation {
  enum class Status : unsigned char {
    created,
    existing,  ///< the unique key is held by `id`, and the call was content with that
    rejected,  ///< the unique key is held by `holder`; a parent or the batch does not exist
    vetoed,    ///< a filter stopped it
  };

  Status status = Status::created;
  JobId id = {};
  JobId holder = {};
  std::string reason = {};  ///< for people, when rejected or vetoed

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
