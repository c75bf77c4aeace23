#include "bench/channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include <portfire/error.hpp>

namespace portfire::bench {

Channel::~Channel() { close(descriptor_); }

std::pair<int, int> Channel::pair() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    const int code = errno;
    throw StorageError{"cannot make a pair of sockets: " + std::generic_category().message(code),
                       {.operation = "bench", .native_code = code}};
  }
  return {ends[0], ends[1]};
}

void Channel::send(std::int64_t number) const {
  // Whoever cannot be told is gone, which `receive` says too.
  static_cast<void>(::send(descriptor_, &number, sizeof number, MSG_NOSIGNAL));
}

std::optional<std::int64_t> Channel::receive(std::chrono::milliseconds timeout) {
  pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0) return std::nullopt;
  std::int64_t number = 0;
  const ssize_t size = recv(descriptor_, &number, sizeof number, 0);
  if (size == sizeof number) return number;
  is_closed_ = true;
  return std::nullopt;
}

void Channel::hang_up() const { shutdown(descriptor_, SHUT_WR); }

}  // namespace portfire::bench
