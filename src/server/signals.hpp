#pragma once

// SIGINT and SIGTERM as something to wait for.

#include <csignal>

namespace portfire::server {

// Blocks the two signals in the calling thread, and so in the threads that it starts afterwards.
class TerminationSignals {
 public:
  TerminationSignals();
  // Unblocks them again, if they were not blocked before.
  ~TerminationSignals();
  TerminationSignals(const TerminationSignals&) = delete;
  TerminationSignals& operator=(const TerminationSignals&) = delete;

  // Waits for one of them and returns its number.
  int wait();

  // From here on they end the process, as by default.
  void restore();

 private:
  sigset_t signals_{};
  sigset_t before_{};
  bool restored_ = false;
};

}  // namespace portfire::server
