#pragma once

/// A step that a server calls again and again for as long as it lives: clean-up, polling, caches.
/// Not a job: nothing of it is stored.

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
};

/// Threads: `run_once` is called by one thread at a time. Errors: an exception is logged and the
/// step called again after n² seconds (n exceptions in a row), at most 5 minutes.
class BackgroundProcess {
 public:
  virtual ~BackgroundProcess() = default;

  /// For logs and the thread's name.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// News on these topics (see `Wakeup`) end the wait between two steps.
  [[nodiscard]] virtual std::vector<std::string> topics(ServerId /*server*/) const { return {}; }

  /// One step. Returns how long to wait, at most, before the next.
  virtual Duration run_once(ProcessContext& context) = 0;
};

}  // namespace portfire
