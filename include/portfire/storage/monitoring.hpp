#pragma once

/// The reading side of a storage, for dashboards, command lines and people. Never blocks writers;
/// answers may lag behind by what a concurrent transaction has not committed yet.
///
/// Threads: any thread, at the same time. Errors: `StorageError`.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/state.hpp>
#include <portfire/storage/audit.hpp>
#include <portfire/storage/coordination.hpp>
#include <portfire/storage/job_store.hpp>
#include <portfire/storage/unit.hpp>
#include <portfire/time.hpp>

namespace portfire {

/// One job in a list.
struct JobSummary {
  JobId id;
  std::string name;
  std::string queue;
  int priority = 0;
  std::string state;
  StateKind kind = StateKind::ready;
  std::string reason;
  std::uint32_t attempt = 0;
  TimePoint created_at;
  TimePoint since;                   ///< when the present state was entered
  std::optional<TimePoint> due_at;   ///< kind *timed*
  std::optional<ServerId> server;    ///< kind *running*
  std::optional<Duration> duration;  ///< how long the last finished run took
  std::string arguments;
  bool no_handler = false;  ///< waits in a lane of its own for a server that knows its name
  std::optional<JobId> batch = std::nullopt;  ///< that it is a member of
  std::map<std::string, std::string> parameters = {};
};

/// The members of a batch, direct ones alone. Those whose retention has passed still count.
struct MemberCounts {
  std::uint64_t total = 0;
  std::uint64_t outstanding = 0;  ///< not Succeeded, Deleted or in another final state
  std::uint64_t succeeded = 0;    ///< of those that have ended

  friend bool operator==(const MemberCounts&, const MemberCounts&) = default;
};

/// One step of a job's life.
struct HistoryEntry {
  std::string state;
  StateKind kind = StateKind::ready;
  TimePoint at;
  std::string reason;
  std::string data;  ///< a JSON object, or empty
  /// A candidate that an election replaced; the job was never in this state.
  bool elected_away = false;
  std::optional<ServerId> server = std::nullopt;  ///< kind *running*
};

struct JobDetails : JobSummary {
  std::uint64_t epoch = 0;
  Ending ending = Ending::none;         ///< of the present state
  std::string data;                     ///< of the present state
  std::string result;                   ///< JSON text, or empty
  std::optional<TimePoint> started_at;  ///< of the present or last run
  std::optional<TimePoint> expires_at;
  std::vector<Parent> parents;          ///< still waited for
  std::vector<JobId> children;          ///< still waiting for this one
  std::optional<MemberCounts> members;  ///< of a batch
  std::vector<HistoryEntry> history;    ///< oldest first, the present state last
  std::string unique_key;
  std::string limit_key;
  bool in_line = false;  ///< stands in line for its limit
  bool suspect = false;
  std::uint32_t crashes = 0;
  std::optional<double> progress;
  /// Taken away from this server, whose handler has not returned yet.
  std::optional<ServerId> stopping_on;
};

/// The parameter in which a job has its tags: a JSON array of strings.
inline constexpr std::string_view tags_parameter = "portfire.tags";

/// What a list shows: jobs that pass all filters. Fields left empty do not filter.
struct JobQuery {
  std::string state = {};
  std::string queue = {};
  std::string name = {};
  /// Jobs with this tag among those of `tags_parameter`.
  std::string tag = {};
  /// Members of this batch alone. The order is then newest first, whatever the state.
  std::optional<JobId> batch = std::nullopt;
  std::optional<TimePoint> created_from = std::nullopt;    ///< at or after
  std::optional<TimePoint> created_before = std::nullopt;  ///< before

  /// A part of the arguments' JSON text, and of the reason of the present state; ASCII letters
  /// match in either case.
  std::string text = {};
  std::string reason = {};
  /// Held by this server now.
  std::optional<ServerId> server = std::nullopt;
  /// When the present state was entered: at or after, and before. Where the order goes by that, the
  /// search ends with the first job beyond, however many follow: parked and final jobs are not
  /// searched for older ones than `since_from`, running and waiting ones not for later ones than
  /// `since_before`.
  std::optional<TimePoint> since_from = std::nullopt;
  std::optional<TimePoint> since_before = std::nullopt;
  /// How long the last finished run took; jobs without one do not match.
  std::optional<Duration> duration_at_least = std::nullopt;
  std::optional<Duration> duration_at_most = std::nullopt;
  /// Attempts spent.
  std::uint32_t attempts_at_least = 0;

  std::size_t limit = 20;
  /// From `JobPage::next`, with the same filters; empty for the first page.
  std::string cursor = {};
  /// Rows looked at before the search is handed back unfinished.
  std::size_t work_limit = 20000;
};

/// A page. Order: without a state newest first; otherwise by what comes next for people:
/// ready jobs in claim order within their queue (queues by name), timed jobs by due time, running
/// and waiting ones longest first, parked and final ones latest first.
struct JobPage {
  std::vector<JobSummary> jobs;
  /// Where to go on; empty when everything has been searched.
  std::string next;
  std::size_t examined = 0;
};

struct StateCount {
  std::string queue;
  std::string state;
  std::uint64_t count = 0;

  friend bool operator==(const StateCount&, const StateCount&) = default;
};

struct Statistics {
  /// Jobs that are in a state now, by queue, then state; no zeros.
  std::vector<StateCount> live;
  /// How often each parked or final state was ever entered, and how many jobs were `Created`.
  std::map<std::string, std::uint64_t> lifetime;
};

struct QueueSummary {
  std::string name;
  std::uint64_t ready = 0;
  std::uint64_t running = 0;
  std::uint64_t no_handler = 0;           ///< of the ready ones
  std::optional<TimePoint> oldest_ready;  ///< since when its next job has been ready
  QueueSettings settings;
};

struct ServerSummary {
  ServerInfo info;
  TimePoint started_at;
  TimePoint heartbeat_at;
  std::uint64_t running = 0;  ///< jobs that it holds
  bool stopping = false;      ///< somebody has asked it to stop
};

/// A number per hour; see `Monitoring::history`.
struct HourCount {
  TimePoint hour;
  std::string state;
  std::uint64_t count = 0;

  friend bool operator==(const HourCount&, const HourCount&) = default;
};

struct LogEntry {
  std::uint64_t number = 0;  ///< grows within a job, with gaps
  TimePoint at;
  ReportLevel level = ReportLevel::info;
  std::string text;
};

/// One part of what a storage occupies.
struct StoragePart {
  std::string name;                                  ///< `job`, `write-ahead log`
  std::uint64_t bytes = 0;                           ///< 0 where the engine does not know
  std::optional<std::uint64_t> rows = std::nullopt;  ///< about so many; absent: not known

  friend bool operator==(const StoragePart&, const StoragePart&) = default;
};

/// How large a storage is, by the books that its engine keeps anyway: estimates, and as late as
/// the engine's own.
struct StorageReport {
  std::string engine;                   ///< with its version: `PostgreSQL 15.3`; `memory`
  int layout_version = 0;               ///< of the schema; 0 where nothing is kept
  std::uint64_t bytes = 0;              ///< altogether; 0 where the engine does not know
  std::vector<StoragePart> parts = {};  ///< largest first, then by name
};

class Monitoring {
 public:
  virtual ~Monitoring() = default;

  /// The storage's clock.
  virtual TimePoint now() = 0;

  virtual Statistics statistics() = 0;

  /// How often parked and final states were entered and jobs `Created`, per hour in [from, to), by
  /// hour, then state; hours without any are left out. Kept for 32 days.
  virtual std::vector<HourCount> history(TimePoint from, TimePoint to) = 0;

  virtual JobPage list(const JobQuery& query) = 0;

  virtual std::optional<JobDetails> job(JobId id) = 0;

  /// Log lines of a job with a number above `after`, oldest first.
  virtual std::vector<LogEntry> log(JobId id, std::uint64_t after, std::size_t limit) = 0;

  /// Queues that hold ready or running jobs or have settings, by name.
  virtual std::vector<QueueSummary> queues() = 0;

  /// By start.
  virtual std::vector<ServerSummary> servers() = 0;

  /// Entries of the audit log, newest first; at most `limit`.
  virtual std::vector<AuditEntry> audit(const AuditQuery& query) = 0;

  /// How large the storage is. Takes milliseconds, however large that is.
  virtual StorageReport report() = 0;
};

}  // namespace portfire
