#pragma once

// Sees to it that a process which is ended by a signal leaves a record in a file.

#include <csignal>
#include <memory>

#include "crash/running_slot.hpp"

namespace portfire::crash {

// One for each server of the process; each has a file of its own. The first one installs handlers
// of SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT, and the last one takes them away again. After the
// record they do what would have happened without them: what was installed before is called, or the
// signal ends the process, with a core file if there is to be one. A signal that is ignored stays
// ignored. A process that was forked from this one leaves none. The signal's default action is what
// ends the process, so its status tells the signal.
//
// Threads: constructed and destroyed by any; a slot by the thread that runs it.
class Recorder {
 public:
  // `descriptor` is an open file of the caller's, who keeps it open.
  Recorder(int descriptor, std::size_t workers);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  [[nodiscard]] RunningSlot& slot(std::size_t worker) { return slots_[worker]; }

  // For the handler: async-signal-safe.
  void record(int signal, const siginfo_t& information, const void* context) const noexcept;
  void discard() const noexcept;

 private:
  [[nodiscard]] bool owns(const RunningSlot* slot) const;

  const int descriptor_;
  const pid_t process_;
  const std::size_t workers_;
  const std::unique_ptr<RunningSlot[]> slots_;
};

}  // namespace portfire::crash
