#pragma once

// SIGINT and SIGTERM as something to wait for.

#include <csignal>

namespace portfire {

// Blocks the two signals in the calling thread, and so in the threads that it starts afterwards.
// Throws `std::system_error` where the system has no descriptors left.
class TerminationSignals {
 public:
  TerminationSignals();
  // Unblocks them again, if they were not blocked before.
  ~TerminationSignals();
  TerminationSignals(const TerminationSignals&) = delete;
  TerminationSignals& operator=(const TerminationSignals&) = delete;

  // Waits for one of them, or for `interrupt`.
  void wait();
  // Ends the wait, also one that has not begun. Any thread.
  void interrupt();

  // From here on they end the process, as by default.
  void restore();

 private:
  sigset_t signals_{};
  sigset_t before_{};
  bool restored_ = false;
  int arrivals_ = -1;       // readable when a signal has come
  int interruptions_ = -1;  // readable after `interrupt`
};

}  // namespace portfire
