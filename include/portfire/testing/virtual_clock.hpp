#pragma once

/// A runtime whose clocks stand still until a test moves them.
///
/// Tasks, events and randomness are those of `thread_runtime()`; only time is the test's. Whoever
/// waits for a deadline is woken when the clock is moved past it, so a day passes in no time.
/// Threads: all members may be called from any thread at the same time.

#include <memory>

#include <portfire/runtime.hpp>

namespace portfire::testing {

class VirtualClock : public Runtime {
 public:
  /// Both clocks start here: by default on 2026-01-01, and one hour after the steady clock's zero.
  explicit VirtualClock(TimePoint start = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1});
  ~VirtualClock() override;

  /// Moves both clocks forward and wakes those whose deadlines have come.
  void advance(Duration by);
  /// Moves the wall clock alone, in either direction, as people and time servers do.
  void step(Duration by);

  TimePoint now() override;
  SteadyPoint steady_now() override;
  std::unique_ptr<Task> spawn(std::string name, std::function<void()> body) override;
  std::unique_ptr<Event> make_event() override;
  std::uint64_t random() override;

 private:
  class Waiters;
  class VirtualEvent;
  const std::shared_ptr<Runtime> threads_;
  const std::shared_ptr<Waiters> waiters_;
};

}  // namespace portfire::testing
