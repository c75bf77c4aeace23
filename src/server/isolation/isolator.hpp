#pragma once

// Runs executions in child processes: what a worker calls in place of the handler.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <portfire/server.hpp>

#include "crash/record.hpp"
#include "server/isolation/bell.hpp"
#include "server/isolation/child_pool.hpp"
#include "server/isolation/conversation.hpp"
#include "server/running_job.hpp"

namespace portfire::server::isolation {

// Whether a handler runs in a child of such a server.
bool is_isolated(const Handler& handler, const ServerOptions& options);

// Those of a server's handlers that do, by their names.
std::vector<std::string> isolated_names(const Handlers& handlers, const ServerOptions& options);

// Throws UsageError when the program cannot serve as its own child.
void check_servable();

// Threads: `start` and `stop` by the owner, the rest by any.
class Isolator {
 public:
  // `names`: of the handlers that run in children.
  Isolator(Runtime& runtime, const ServerOptions& options, std::vector<std::string> names);

  // Starts the first child. Throws Error when it does not get ready, UsageError when it lacks one
  // of the handlers.
  void start();
  // No job may be running.
  void stop();

  [[nodiscard]] bool takes(const Handler& handler) const { return is_isolated(handler, options_); }

  // As the handler itself: throws what it has thrown. Throws ProcessDied when the child has ended.
  Outcome run(RunningJob& running, std::size_t worker);

  // Those that run now, and whatever begins later.
  void kill_all();

 private:
  Hello greet(ChildProcess& child, const Ears& ears) const;
  [[nodiscard]] Message job_message(RunningJob& running, std::uint64_t execution) const;
  [[nodiscard]] Told run_in(ChildProcess& child, RunningJob& running, std::string_view job,
                            std::uint64_t execution, const Bell& bell) const;
  [[noreturn]] void mourn(RunningJob& running, const Told& told, ChildProcess& child) const;
  [[nodiscard]] std::optional<crash::Record> crash_of(const ChildProcess& child,
                                                      const ProcessDied::Facts& facts) const;

  Runtime& runtime_;
  const ServerOptions options_;
  const std::vector<std::string> names_;
  ChildPool pool_;
  std::vector<Bell> bells_;  // one per worker
  std::atomic<bool> killing_ = false;
  std::atomic<std::uint64_t> executions_ = 0;
};

}  // namespace portfire::server::isolation
