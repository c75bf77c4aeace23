#pragma once

/// The one seam for time, threads and chance.
///
/// Client, server and storages name no thread, condition variable, sleep, clock or random device;
/// they ask a `Runtime`. `thread_runtime()` answers with real threads and clocks. A simulator can
/// answer with fibres on one thread and a virtual clock, which makes whole systems reproducible.
/// Code written against the seam holds a mutex only where nothing waits.

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <portfire/time.hpp>

namespace portfire {

/// A binary, self-resetting signal. Any number of threads may set it; one thread at a time waits.
class Event {
 public:
  virtual ~Event() = default;

  /// Lets the present or the next wait return. Several sets before a wait count as one. Never
  /// blocks for longer than the wake-up of the waiter.
  virtual void set() = 0;

  /// Waits until the event is set, `deadline` has passed or `stop` is requested.
  /// Returns true, and resets the event, exactly when it was set; a set wins over the other two.
  virtual bool wait_until(SteadyPoint deadline, std::stop_token stop) = 0;

  /// Waits until the event is set or `stop` is requested.
  bool wait(std::stop_token stop) { return wait_until(SteadyPoint::max(), std::move(stop)); }
};

/// A running task. The owner keeps it until it has ended.
class Task {
 public:
  /// Joins, if `join` was not called.
  virtual ~Task() = default;

  /// Waits for the end of the body. Idempotent; called by one thread, not by the task itself.
  virtual void join() = 0;
};

/// Clocks, tasks, events and randomness. Thread-safe. Outlives everything made from it.
class Runtime {
 public:
  virtual ~Runtime() = default;

  /// The wall clock. May step; never used to measure.
  virtual TimePoint now() = 0;

  /// A clock that never steps and keeps running while the machine is suspended.
  virtual SteadyPoint steady_now() = 0;

  /// Starts a task. `name` (15 characters are shown by the system) serves debuggers and logs.
  /// An exception that leaves `body` ends the process: bodies handle their own errors.
  virtual std::unique_ptr<Task> spawn(std::string name, std::function<void()> body) = 0;

  virtual std::unique_ptr<Event> make_event() = 0;

  /// 64 uniformly random bits, not for secrets.
  virtual std::uint64_t random() = 0;
};

/// Real threads, `CLOCK_REALTIME`, `CLOCK_BOOTTIME` and the system's randomness.
std::shared_ptr<Runtime> thread_runtime();

}  // namespace portfire
