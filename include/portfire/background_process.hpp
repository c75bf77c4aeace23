#pragma once

/// A step that a server calls again and again for as long as it lives: clean-up, polling, caches.
/// Not a job: nothing of it is stored.

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/log.hpp>
#include <portfire/runtime.hpp>
#include <portfire/storage/storage.hpp>

namespace portfire {

/// What a step may use. Valid during the call.
struct ProcessContext {
  Storage& storage;
  Runtime& runtime;
  ServerId server;
  std::stop_token stop;  ///< fires when the server stops
  const LogSink& log;
  /// Of `once_in_cluster`: grows with every election. Hand it to what the process writes to.
  std::uint64_t fence = 0;
};

/// Threads: one thread of its own calls `run_once` and `stopped`, one at a time. Errors: an
/// exception is logged and the step called again after n² seconds (n exceptions in a row), at most
/// 5 minutes.
class BackgroundProcess {
 public:
  virtual ~BackgroundProcess() = default;

  /// For logs and the thread's name.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// News on these topics (see `Wakeup`) end the wait between two steps.
  [[nodiscard]] virtual std::vector<std::string> topics(ServerId /*server*/) const { return {}; }

  /// One step. Returns how long to wait, at most, before the next.
  virtual Duration run_once(ProcessContext& context) = 0;

  /// Called once, after the last step, when the server stops. An exception is logged.
  virtual void stopped(ProcessContext& /*context*/) {}
};

/// The same process, run by one server of the whole cluster at a time: by whoever holds the lock
/// `process/<name>`. A server that stops hands over at once; when one dies, another takes its place
/// within `lease` and a third of it, 1 s to 1 h. `ProcessContext::stop` also fires when the lock is
/// lost, before another server can hold it; a step that goes on regardless needs the fence. One
/// object belongs to one server.
std::shared_ptr<BackgroundProcess> once_in_cluster(std::shared_ptr<BackgroundProcess> process,
                                                   Duration lease = std::chrono::seconds{30});

}  // namespace portfire
