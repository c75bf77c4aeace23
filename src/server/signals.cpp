#include "server/signals.hpp"

#include <pthread.h>

namespace portfire::server {

TerminationSignals::TerminationSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

TerminationSignals::~TerminationSignals() { restore(); }

int TerminationSignals::wait() {
  int signal = 0;
  sigwait(&signals_, &signal);
  return signal;
}

void TerminationSignals::restore() {
  if (!restored_) pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  restored_ = true;
}

}  // namespace portfire::server
