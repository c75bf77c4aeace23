#include "runtime/termination_signals.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace portfire {

TerminationSignals::TerminationSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  arrivals_ = signalfd(-1, &signals_, SFD_CLOEXEC);
  interruptions_ = eventfd(0, EFD_CLOEXEC);
  if (arrivals_ < 0 || interruptions_ < 0) {
    const int error = errno;
    if (arrivals_ >= 0) close(arrivals_);
    if (interruptions_ >= 0) close(interruptions_);
    throw std::system_error{error, std::generic_category(), "the server cannot wait for signals"};
  }
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

TerminationSignals::~TerminationSignals() {
  restore();
  close(arrivals_);
  close(interruptions_);
}

void TerminationSignals::wait() {
  std::array<pollfd, 2> both{{{.fd = arrivals_, .events = POLLIN, .revents = 0},
                              {.fd = interruptions_, .events = POLLIN, .revents = 0}}};
  while (poll(both.data(), both.size(), -1) < 0 && errno == EINTR) {
  }
  // Taken, or it would end the process as soon as it is not blocked any more.
  signalfd_siginfo signal{};
  if ((both[0].revents & POLLIN) != 0) {
    static_cast<void>(!read(arrivals_, &signal, sizeof signal));
  }
}

void TerminationSignals::interrupt() {
  constexpr std::uint64_t one = 1;
  static_cast<void>(!write(interruptions_, &one, sizeof one));
}

void TerminationSignals::restore() {
  if (!restored_) pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  restored_ = true;
}

}  // namespace portfire
