#pragma once

// What a thread is running, readable by a signal handler on any thread.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <portfire/storage/job_store.hpp>

namespace portfire::crash {

struct RunningExecution {
  ServerId server;
  JobId job;
  std::uint64_t epoch = 0;
  std::array<char, 119> name{};  // cut between characters, and ended by a zero
  bool apart = false;            // in another process

  RunningExecution() = default;
  RunningExecution(ServerId server, const Execution& execution);
};

// Written by one thread at a time, read by any without a lock.
class RunningSlot {
 public:
  // The calling thread begins, or ends, the execution. What it calls has its frames below `bottom`.
  void show(const RunningExecution& execution, const void* bottom) noexcept;
  void hide() noexcept;
  // In between: the thread begins, or ends, to wait for another process that runs the execution.
  void set_apart(bool apart) noexcept;

  // False when nothing is running, or when it is just changing.
  bool read(RunningExecution& execution) const noexcept;

  // Of the calling thread; null when it runs nothing itself. Async-signal-safe.
  static const RunningSlot* current() noexcept;
  static const void* current_bottom() noexcept;

 private:
  void write(const RunningExecution& execution) noexcept;

  static constexpr std::size_t words = sizeof(RunningExecution) / sizeof(std::uint64_t);
  static_assert(words * sizeof(std::uint64_t) == sizeof(RunningExecution));

  std::atomic<std::uint64_t> version_{0};  // odd while it is written
  std::atomic<bool> occupied_{false};
  std::array<std::atomic<std::uint64_t>, words> words_{};
};

}  // namespace portfire::crash
