#pragma once

// SIGINT and SIGTERM as something to wait for.

#include <csignal>

namespace portfire::cli {

// Blocks both in the calling thread, and so in the threads that it starts afterwards.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }

  void wait() {
    int signal = 0;
    sigwait(&signals_, &signal);
  }

 private:
  sigset_t signals_{};
};

}  // namespace portfire::cli
