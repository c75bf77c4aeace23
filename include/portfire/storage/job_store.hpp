#pragma once

/// The writing side of a storage: where jobs are kept, claimed, finished and taken back.
///
/// Every verb is one atomic step in every engine and works on many items. Every verb may be sent
/// again after a lost reply. All instants are the storage's; no verb takes the time of day.
///
/// Threads: all members may be called from any thread at the same time. A call may block for I/O.
/// Errors: `StorageError`; expected outcomes are values.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/storage/unit.hpp>
#include <portfire/time.hpp>

namespace portfire {

/// Names one execution: a job under the epoch of one claim.
struct ExecutionRef {
  JobId job;
  std::uint64_t epoch = 0;
  std::int64_t locator = 0;  ///< the driver's shortcut; not part of the identity

  friend bool operator==(const ExecutionRef& a, const ExecutionRef& b) {
    return a.job == b.job && a.epoch == b.epoch;
  }
};

/// A claimed job, with all that running it takes.
struct Execution {
  ExecutionRef ref;
  std::string name;
  std::string arguments;
  std::string queue;
  int priority = 0;
  std::uint32_t attempt = 0;  ///< attempts spent before this run: 0 on the first
  std::map<std::string, std::string> parameters;
  JobId batch;  ///< that it is a member of; nil for none
  TimePoint created_at;
  TimePoint ready_at;  ///< when it last became ready: the start of its latency
  TimePoint claimed_at;
  bool suspect = false;       ///< held by a server that crashed, earlier
  std::uint32_t crashes = 0;  ///< crashes blamed on it
};

struct ClaimRequest {
  ServerId server;

  /// Grows with every new claim of a server, from 1; the same number again asks for the same
  /// answer.
  std::uint64_t token = 0;

  /// Queues in order of service.
  std::vector<std::string> queues;

  std::size_t max = 1;
};

struct ClaimResult {
  /// In the order in which they should start: by queue as requested, then priority, then position.
  std::vector<Execution> executions;
};

enum class ReleaseReason : std::uint8_t {
  unstarted,   ///< claimed ahead and not begun: goes back to its old place; not a step of its
               ///< history
  shutdown,    ///< begun, given back by a stopping server: goes to the tail
  no_handler,  ///< this server cannot run it: waits in the lane `queue#name`, at its old place
};

struct Released {
  ExecutionRef execution;
  ReleaseReason reason = ReleaseReason::unstarted;
};

struct PromoteRequest {
  std::size_t max = 1000;
  /// False: due jobs move on inside the call. True: they are handed out for an election instead and
  /// change nothing themselves, see `PromoteResult::elect`.
  bool elect = false;
};

/// A job that has fallen due and wants an election before it moves on.
struct DueJob {
  JobId job;
  std::string name;
  std::string queue;
  State current;
  State candidate;  ///< what it would become without an election
};

struct PromoteResult {
  /// Jobs that moved on, members of deleted batches included.
  std::size_t promoted = 0;
  /// For `elect`: the caller elects and commits a transition guarded by `current.name`.
  std::vector<DueJob> elect = {};
  /// From now until the next timed job falls due; zero when some are due already.
  std::optional<Duration> next_due_in = std::nullopt;
};

struct ReclaimRequest {
  /// The servers whose jobs are taken back; they are removed.
  std::vector<ServerId> servers;
  /// The calling server. It receives the jobs that have reached the limit.
  ServerId by;
  /// Crashes blamed on one job that make it poison; 0 for never.
  std::uint32_t crash_limit = 3;
};

struct ReleaseResult {
  std::size_t released = 0;
  /// Held by somebody else just now: to be sent again.
  std::vector<Released> busy = {};
};

struct ReclaimResult {
  std::size_t requeued = 0;
  /// Poison, claimed by the caller under a new epoch: to be failed with that reason.
  std::vector<Execution> poisoned = {};
};

struct ExpireResult {
  std::size_t removed = 0;
  bool more = false;  ///< the limit was reached
};

enum class ReportLevel : std::uint8_t { debug, info, warning, error };

std::string_view to_string(ReportLevel level);

struct ReportLine {
  ReportLevel level = ReportLevel::info;
  std::string text;
  /// Counts the lines of the execution, from 1: by it a line that is sent again is known.
  std::uint64_t number = 0;
};

/// News of a running execution; overtaken by the execution's end, and then dropped.
struct Report {
  ExecutionRef execution;
  /// How long after its claim the handler was entered.
  std::optional<Duration> start_delay = std::nullopt;
  std::optional<double> progress = std::nullopt;  ///< 0 to 1
  std::vector<ReportLine> lines = {};
};

/// An execution that its server no longer holds, with the state that the job is in now.
struct Revoked {
  ExecutionRef execution;
  std::string state;  ///< empty: the job does not exist any more
};

/// Why a storage itself moved a job, as its history says.
namespace reasons {
inline constexpr std::string_view due = "It fell due";
inline constexpr std::string_view shutdown = "Its server was stopped";
inline constexpr std::string_view reclaimed = "Its server stopped responding";
inline constexpr std::string_view batch_deleted = "Its batch was deleted";
inline constexpr std::string_view reopened = "A member began anew";
inline constexpr std::string_view in_line = "Others of its limit come first";
inline constexpr std::string_view replaced = "A later call took its place";
}  // namespace reasons

class JobStore {
 public:
  virtual ~JobStore() = default;

  /// Applies each unit or refuses it, each by itself; one answer per unit, in order. One call is
  /// one transaction of the engine as far as possible, and a unit sees those before it.
  ///
  /// - A transition with an `epoch` ends that execution: applied only while the job is held under
  ///   exactly that epoch. Sent again it is *already applied* as long as the job was not claimed
  ///   anew.
  /// - A transition of a held job without an `epoch` takes the job from its holder: the epoch
  /// grows.
  /// - Entering a state of kind *ready* puts the job at the tail of its queue.
  /// - Entering a state with an ending lets the job's continuations go, as `release` says.
  /// - Leaving a state of kind *waiting* forgets the parents.
  /// - A job that leaves the kinds in which it counts for its `Limit` lets the first in line go.
  /// - A batch is concluded, or reopened, in the commit that ends its last member, or begins one.
  /// - A unit that created jobs, or changed a job without an epoch, is recognised when sent again
  /// for
  ///   at least an hour.
  virtual std::vector<CommitResult> commit(std::span<const Unit> units) = 0;

  /// Takes up to `max` ready jobs of the queues for the server and makes that durable.
  ///
  /// - Order: queue as requested, then higher priority, then older position.
  /// - Jobs in a lane `queue#name` are taken only by servers that announced `name`.
  /// - Paused queues give nothing.
  /// - At most one *suspect* is taken, ahead of the other jobs of its queue, and none while the
  /// server
  ///   holds one.
  /// - The token of the server's previous claim answers with what that claim took and is still
  /// held.
  /// - A server that is not announced (any more) gets nothing.
  virtual ClaimResult claim(const ClaimRequest& request) = 0;

  /// What the server holds, oldest claim first.
  virtual std::vector<ExecutionRef> held(ServerId server) = 0;

  /// Gives executions back; those no longer held are passed over, and those that somebody's
  /// transaction holds are left as they are. The epoch grows, no attempt is spent, nobody is
  /// suspected.
  virtual ReleaseResult release(std::span<const Released> executions) = 0;

  /// Moves jobs that have fallen due, earliest first; and to Deleted those members of deleted
  /// batches that have not ended. `max` bounds each of the two.
  virtual PromoteResult promote(const PromoteRequest& request) = 0;

  /// Takes back everything that dead servers held, to the tail of its queues.
  ///
  /// What they held becomes *suspect*. A job that was already suspect when it was claimed is blamed
  /// with one crash; at the limit it is not requeued but handed to the caller. Finishing an
  /// execution clears both marks. Servers that do not exist are passed over.
  virtual ReclaimResult reclaim(const ReclaimRequest& request) = 0;

  /// Removes up to `max` jobs whose retention has passed, with all that belongs to them, and old
  /// bookkeeping of the storage's own.
  virtual ExpireResult expire(std::size_t max) = 0;

  /// Stores news of running executions; news of those no longer held are dropped. A line whose
  /// number is not above the last one stored of its execution is there already and passed over.
  virtual void report(std::span<const Report> reports) = 0;

  /// Those of the given executions that are no longer held.
  virtual std::vector<Revoked> revoked(std::span<const ExecutionRef> executions) = 0;

  /// Replaces (or, with nothing, removes) parameters of a job outside any transition.
  /// Returns false when the job does not exist.
  virtual bool set_parameters(
      JobId job, const std::map<std::string, std::optional<std::string>>& parameters) = 0;
};

}  // namespace portfire
