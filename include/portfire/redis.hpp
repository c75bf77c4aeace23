#pragma once

/// A storage in Redis 6.2 or newer: fast, shared by any number of machines.
///
/// Everything lives under one prefix, so that several installations and the application's own keys
/// get along; in a cluster, in one slot. Standalone servers, masters found by Sentinel, clusters;
/// TLS. What a server must be set to, and what a stored job survives, is in
/// `docs/reference/redis.md`: with `appendonly yes` and `appendfsync everysec` a power failure of
/// the server may cost the last second.
///
/// Connections: up to `Options::max_connections` for work, made when they are needed, one for
/// heartbeats, which must never queue behind work, and one that listens for wake-ups. A broken one
/// is replaced, and the master looked for again; what was under way is sent again where that is
/// safe. A restart or fail-over is waited out by clients and servers, not by the storage: its verbs
/// throw `StorageError` after about a second.

#include <memory>
#include <string>

#include <portfire/runtime.hpp>
#include <portfire/storage/storage.hpp>
#include <portfire/time.hpp>

namespace portfire::redis {

/// What to do about a server that may throw stored jobs away when its memory is full: one whose
/// `maxmemory-policy` is another than `noeviction`.
enum class Eviction : unsigned char {
  refuse,  ///< a `StorageError` at `open`
  warn,    ///< a warning in the log
};

/// What a URL does not say. Where it says something, the URL counts.
struct Options {
  /// What the keys of this installation begin with, in braces: 1 to 64 letters, digits, hyphens,
  /// underscores, full stops and colons.
  std::string prefix = "portfire";

  /// Connections for work at the same time, 1 to 1000. Callers wait for a free one.
  int max_connections = 4;

  /// Limit for making a connection, 50 ms to 10 min.
  Duration connect_timeout = std::chrono::seconds{5};
  /// Limit for one answer, 50 ms to 10 min. A server that is silent for longer counts as lost.
  Duration answer_timeout = std::chrono::seconds{10};

  /// How many replicas must have a change before it counts as made (`WAIT`), 0 to 100 …
  int wait_replicas = 0;
  /// … and how long they may take, 1 ms to 10 min; then a verb throws, though the change is made.
  Duration wait_timeout = std::chrono::seconds{1};

  Eviction eviction = Eviction::refuse;

  /// Wake-ups by a subscription. Off where none is possible; then waiting ends by polling.
  bool listen = true;
  /// How often those who wait look by themselves while nobody listens; 10 ms to 1 min.
  Duration poll_interval = std::chrono::milliseconds{500};

  /// Begins an installation where there is none. Without it an absent one is an error that says so.
  bool migrate = true;

  /// Clocks, threads and events; nothing means `thread_runtime()`.
  std::shared_ptr<Runtime> runtime = {};
  /// For tests: shifts the storage's clock, which is the server's.
  std::shared_ptr<const TimeOffset> time_offset = {};
};

/// Opens an installation, beginning it when there is none.
///
///     redis://user:password@host:6379/0?prefix=portfire        rediss://… by TLS
///     redis+unix:///run/redis/redis.sock?db=0
///     redis+sentinel://host:26379,host:26379/master/0
///     redis+cluster://host:6379,host:6379
///
/// Throws `UsageError` for a malformed URL and for options out of range, `StorageError` when the
/// server cannot be reached or used, when the prefix belongs to another program, or when it was
/// written by a newer Portfire than this library knows.
std::shared_ptr<Storage> open(const std::string& url, Options options = {});

/// The newest version of the layout that this library reads and writes.
int schema_version();

/// The version of the layout under the URL's prefix; 0 when there is none.
int schema_version(const std::string& url);

/// Brings the layout to `schema_version()`. Safe from several processes at once.
void migrate(const std::string& url);

/// Removes all keys of the prefix, in small steps; nothing when there is none. Throws
/// `StorageError` when the prefix belongs to another program. Nobody may be using it.
void remove(const std::string& url);

}  // namespace portfire::redis
