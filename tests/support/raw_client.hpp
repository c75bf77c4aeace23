#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace portfire {

// A connection to 127.0.0.1 that says exactly what it is told, right or wrong. Reads throw
// std::runtime_error after a minute without a byte instead of hanging.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port)
      : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const timeval patience{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address),  // NOLINT: the API's way
                  sizeof address) != 0) {
      throw std::runtime_error{"connect failed"};
    }
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // What cannot be sent because the other end has gone is dropped.
  void say(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Says that no more is to come.
  void fall_silent() const { ::shutdown(socket_, SHUT_WR); }

  // All that comes until the other end closes.
  std::string hear_all() {
    while (read_more()) {
    }
    return std::move(heard_);
  }

  // All up to the end of this text, which is removed from what is to come.
  std::string hear_until(std::string_view end) {
    std::size_t at = 0;
    while ((at = heard_.find(end)) == std::string::npos) {
      if (!read_more()) return std::move(heard_);
    }
    std::string text = heard_.substr(0, at + end.size());
    heard_.erase(0, at + end.size());
    return text;
  }

  // One response with `Content-Length`.
  std::string hear_response() {
    std::string response = hear_until("\r\n\r\n");
    constexpr std::string_view header = "Content-Length: ";
    const std::size_t at = response.find(header);
    if (at == std::string::npos) return response;
    const std::size_t size = std::stoul(response.substr(at + header.size()));
    while (heard_.size() < size && read_more()) {
    }
    response += heard_.substr(0, size);
    heard_.erase(0, size);
    return response;
  }

 private:
  bool read_more() {
    char buffer[4096];
    ssize_t count = -1;
    // Where there is a limit of time, a signal ends the wait, such as the clock of a fuzzer.
    do count = ::recv(socket_, buffer, sizeof buffer, 0);
    while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EAGAIN) throw std::runtime_error{"nothing has come for a minute"};
    if (count <= 0) return false;
    heard_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  std::string heard_;
};

}  // namespace portfire
