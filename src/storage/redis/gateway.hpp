#pragma once

/// The way to the server for everything but wake-ups: commands and scripts, over a pool of
/// connections that find the master by themselves (standalone, Sentinel, Cluster).
///
/// Threads: any thread, at the same time. A call blocks until its answer is there or its deadline
/// has passed. Errors: `StorageError`; which calls may be sent again is said by `retryable()`, and
/// a reply that was lost by `connection_lost()`.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/redis/reply.hpp"

namespace portfire::redis {

struct Settings;

/// A script of the installation: its text, and the SHA-1 under which the server knows it.
struct Script {
  std::string_view name;  ///< for errors: `claim`
  std::string_view text;
  std::string_view sha1;  ///< 40 hexadecimal digits, computed at build time or once at start
};

/// Which connection serves a call.
enum class Lane : unsigned char {
  work,       ///< the pool
  heartbeat,  ///< a connection of its own, that never queues behind work
};

/// One script call to be sent.
struct ScriptCall {
  const Script* script = nullptr;
  std::vector<std::string_view> keys;       ///< all share the installation's hash tag
  std::vector<std::string_view> arguments;  ///< any bytes; must live until the answer is there
  bool writes = true;                       ///< waited for on `Settings::wait_replicas` replicas
  /// It may be done twice: when its answer was lost it is sent again a few times. Otherwise that is
  /// an error with `connection_lost()` at once.
  bool repeatable = true;
};

class Gateway {
 public:
  virtual ~Gateway() = default;

  /// Runs one command, again where its answer was lost. An error reply is thrown.
  virtual Reply command(std::span<const std::string_view> words, Lane lane = Lane::work) = 0;

  /// Runs a script: EVALSHA, and once more with its text where the server does not know it.
  virtual Reply run(const ScriptCall& call, Lane lane = Lane::work) = 0;

  /// Runs several in one round trip, each by itself and in no certain order; error replies are
  /// returned in their places.
  virtual std::vector<Reply> run_all(std::span<const ScriptCall> calls, Lane lane = Lane::work) = 0;

  /// What an operator should know about the server, found when it was opened; see `Eviction`.
  [[nodiscard]] virtual const std::vector<std::string>& warnings() const = 0;

  /// For people, without secrets: `redis://host:6379/0?prefix=portfire`.
  [[nodiscard]] virtual std::string description() const = 0;
};

/// Connects, and checks that the server is one to rely on: Redis 6.2 or newer, that throws nothing
/// away when its memory is full. `settings` are checked ones and outlive the gateway.
///
/// Calls that were certainly not done, because the server was not there, was starting or was no
/// master any more, are repeated for about a second; so are those whose answer was lost. After that
/// it is the caller's turn. With `wait_replicas` a change that too few replicas have confirmed is
/// an error that says how many; the change is made nonetheless, and sent again it is waited for
/// again.
std::unique_ptr<Gateway> make_gateway(const Settings& settings);

}  // namespace portfire::redis
