#pragma once

// The thread that listens for a driver, on one connection after another.

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>

#include <portfire/runtime.hpp>

#include "storage/common/wakeup_hub.hpp"

namespace portfire {

// While there is no connection it tries to make one, at ever longer intervals, and sends everybody
// to look from time to time.
//
// Threads: any, unless a function says otherwise.
class ListeningThread {
 public:
  // What it does. Both are called by the thread.
  struct Work {
    // Connects, calls `connected`, and passes on what comes. Returns or throws when the connection
    // is of no more use, and soon after `is_stopping` and what was given to `stop`.
    std::function<void()> listen;
    // There is no connection (any more).
    std::function<void()> forget;
  };

  // Both outlive it.
  ListeningThread(Runtime& runtime, WakeupHub& hub, Duration poll_interval);

  // Once, by whoever owns it, as `stop`, which returns when the thread has ended. `interrupt` ends
  // whatever `listen` waits for.
  void start(Work work);
  void stop(const std::function<void()>& interrupt);

  [[nodiscard]] bool is_stopping() const { return stop_.stop_requested(); }
  // Whether everybody is told: there is a connection.
  [[nodiscard]] bool is_listening() const { return is_listening_; }

  // For `listen`. Wakes everybody: to look once more, for what nobody has told.
  void connected();

 private:
  void run(const Work& work);
  void look_until(SteadyPoint end);

  Runtime& runtime_;
  WakeupHub& hub_;
  const Duration poll_interval_;
  const std::unique_ptr<Event> pause_;
  std::stop_source stop_;
  std::atomic<bool> is_listening_{false};
  std::unique_ptr<Task> task_;
};

}  // namespace portfire
