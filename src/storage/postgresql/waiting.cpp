#include "storage/postgresql/waiting.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace portfire::postgresql {

namespace {

using std::chrono::milliseconds;

// poll() counts on a clock that stands still while the machine is suspended: now and then a look at
// the other one.
constexpr milliseconds longest_sleep{60'000};

int milliseconds_until(Runtime& runtime, SteadyPoint deadline) {
  if (deadline == SteadyPoint::max()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(deadline - runtime.steady_now());
  return static_cast<int>(std::clamp(left, milliseconds{0}, longest_sleep).count());
}

}  // namespace

Wait wait_for(Runtime& runtime, int socket, short events, SteadyPoint deadline, int called_off) {
  std::array<pollfd, 2> sources{pollfd{socket, events, 0}, pollfd{called_off, POLLIN, 0}};
  while (true) {
    const int sleep = milliseconds_until(runtime, deadline);
    const int ready = ::poll(sources.data(), sources.size(), sleep);
    // A failure of poll itself, other than an interruption, shows when the socket is used.
    if (ready > 0 && sources[1].revents != 0) return Wait::called_off;
    if (ready > 0) return Wait::ready;
    if (sleep == 0) return Wait::late;
  }
}

SteadyPoint end_of(Runtime& runtime, Duration span) {
  return span == Duration::max() ? SteadyPoint::max() : runtime.steady_now() + span;
}

}  // namespace portfire::postgresql
