#pragma once

/// How servers find each other, and the few things that they must agree upon.
///
/// Threads: any thread, at the same time. Errors: `StorageError`.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/storage/audit.hpp>
#include <portfire/storage/recurring.hpp>
#include <portfire/time.hpp>

namespace portfire {

/// What a server says about itself.
struct ServerInfo {
  ServerId id;
  std::string name;  ///< for people: `host:pid` unless the user gave one
  std::string host;  ///< identifies the running machine (its boot), or empty
  std::string lock;  ///< path of a file that the living process keeps locked, or empty
  std::uint32_t workers = 0;
  std::vector<std::string> queues;
  std::vector<std::string> job_names;  ///< the handlers it has, aliases included
  Duration lease = std::chrono::seconds{30};
  std::string version = {};  ///< of the library that it runs: `0.1.0`
};

/// One server as the others see it.
struct ServerBeat {
  ServerId id;
  std::uint64_t number = 0;  ///< grows with each heartbeat
  std::string host;
  std::string lock;
  Duration lease = Duration::zero();

  friend bool operator==(const ServerBeat&, const ServerBeat&) = default;
};

struct HeartbeatResult {
  /// False: the server's row is gone. It was reclaimed and holds nothing any more.
  bool known = false;
  /// All servers, this one included, by id.
  std::vector<ServerBeat> servers;
  /// Somebody has asked this server to stop; see `Coordination::ask_to_stop`.
  bool stop_requested = false;
};

/// A held lock. `fence` grows with every acquisition of the name: hand it to what the lock
/// protects.
struct LockGrant {
  std::string name;
  std::string owner;
  std::uint64_t fence = 0;
};

/// What is set for a queue. Queues exist by being used; only settings are stored.
struct QueueSettings {
  std::string name;
  bool paused = false;
  std::string paused_by = {};
  std::string pause_reason = {};
  std::uint64_t version = 0;  ///< 0: never set

  friend bool operator==(const QueueSettings&, const QueueSettings&) = default;
};

class Coordination {
 public:
  virtual ~Coordination() = default;

  /// Adds the server, or replaces what it said before. Its heartbeat number starts at 1 or goes on.
  /// A wish that it should stop is forgotten.
  virtual void announce(const ServerInfo& server) = 0;

  /// Raises the server's number by one and answers with everybody's. Never waits behind bulk work.
  /// A server that is gone is not brought back.
  virtual HeartbeatResult heartbeat(ServerId server) = 0;

  /// Takes the server off the list and gives back whatever it still holds, as `release` with
  /// `ReleaseReason::shutdown` does. Removing an unknown server does nothing.
  virtual void remove(ServerId server) = 0;

  /// Asks a server to stop, as SIGTERM does: its next heartbeat says so, and those after it, until
  /// it is announced anew. Topic `server/<id>` is notified. Asking again changes nothing. Returns
  /// false when there is no such server.
  virtual bool ask_to_stop(ServerId server) = 0;

  /// Takes the named lock for `lease`, unless another owner holds it. The owner that holds it
  /// already gets a new lease under the same fence. Lock names: 1 to 200 bytes.
  virtual std::optional<LockGrant> acquire_lock(const std::string& name, const std::string& owner,
                                                Duration lease) = 0;

  /// Prolongs a lock. Returns false when it is not held under that fence any more.
  virtual bool renew_lock(const LockGrant& lock, Duration lease) = 0;

  /// Gives a lock back. Does nothing when it is not held under that fence any more.
  virtual void release_lock(const LockGrant& lock) = 0;

  /// The settings of all queues that have any, by name.
  virtual std::vector<QueueSettings> queue_settings() = 0;

  /// Stores settings if their version is still `settings.version`; the version then grows by one.
  /// Returns false, and changes nothing, when somebody else was faster. A pause takes effect on
  /// every claim after it; topics `queue/<name>` and `settings` are notified.
  virtual bool set_queue(const QueueSettings& settings) = 0;

  /// Templates of recurring jobs that have fallen due for the names.
  virtual RecurringDue due_recurring(const RecurringRequest& request) = 0;

  /// One template; absent when there is none of that id.
  virtual std::optional<RecurringRecord> recurring(const std::string& id) = 0;

  virtual std::vector<RecurringRecord> list_recurring(const RecurringQuery& query) = 0;

  /// Adds an entry to the audit log, and returns its number. Not sent again by the storage: after
  /// a reply that was lost, the entry may be there, and whoever records it again has two.
  virtual std::uint64_t record(const AuditEntry& entry) = 0;

  /// Sets the outcome of an entry, in place of an earlier one. Does nothing when there is no such
  /// entry (any more).
  virtual void conclude(std::uint64_t number, const std::string& outcome) = 0;
};

}  // namespace portfire
