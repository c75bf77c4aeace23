#include "support/tcp_gate.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace portfire {

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int new_socket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

// Where nothing is gathered and nothing waits.
void make_quick(int socket) {
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::fcntl(socket, F_SETFL, O_NONBLOCK);
}

int connect_to(int port) {
  const int socket = new_socket();
  const sockaddr_in address = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return socket;
  }
  ::close(socket);
  return -1;
}

}  // namespace

TcpGate::TcpGate(int server_port)
    : server_port_{server_port}, listening_{new_socket()}, wake_{::eventfd(0, EFD_CLOEXEC)} {
  sockaddr_in address = loopback(0);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  constexpr int backlog = 64;
  if (::bind(listening_, generic, length) != 0 || ::listen(listening_, backlog) != 0 ||
      ::getsockname(listening_, generic, &length) != 0) {
    throw std::runtime_error{"the gate cannot listen"};
  }
  make_quick(listening_);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { run(); }};
}

TcpGate::~TcpGate() {
  {
    const std::scoped_lock guard{mutex_};
    over_ = true;
  }
  wake();
  thread_.join();
  end_all();
  ::close(listening_);
  ::close(wake_);
}

void TcpGate::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void TcpGate::open() {
  const std::scoped_lock guard{mutex_};
  mode_ = Mode::open;
  wake();
}

void TcpGate::stall() {
  const std::scoped_lock guard{mutex_};
  mode_ = Mode::stalled;
  wake();
}

void TcpGate::close() {
  const std::scoped_lock guard{mutex_};
  mode_ = Mode::closed;
  end_all();
  wake();
}

void TcpGate::cut() {
  const std::scoped_lock guard{mutex_};
  end_all();
  wake();
}

void TcpGate::cut_clients() {
  const std::scoped_lock guard{mutex_};
  for (Link& link : links_) {
    receive(link.client);
    end(link.client);
    link.is_late = true;
  }
  wake();
}

void TcpGate::deliver_late() {
  const std::scoped_lock guard{mutex_};
  for (Link& link : links_) link.is_late = false;
  wake();
}

void TcpGate::cut_after(Way way, std::size_t bytes) {
  const std::scoped_lock guard{mutex_};
  is_armed_ = true;
  armed_way_ = way;
  bytes_left_ = bytes;
}

bool TcpGate::take_back() {
  const std::scoped_lock guard{mutex_};
  return std::exchange(is_armed_, false);
}

bool TcpGate::is_about_to_cut() const {
  const std::scoped_lock guard{mutex_};
  return is_armed_;
}

std::size_t TcpGate::cuts_in_the_middle() const {
  const std::scoped_lock guard{mutex_};
  return cuts_in_the_middle_;
}

template <class Condition>
bool TcpGate::wait_until(Condition condition) {
  constexpr std::chrono::minutes longest{1};
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, longest, condition);
}

bool TcpGate::wait_for_cut() {
  return wait_until([this] { return !is_armed_; });
}

std::size_t TcpGate::connections() const {
  const std::scoped_lock guard{mutex_};
  return connections_;
}

bool TcpGate::wait_for_connection(std::size_t after) {
  return wait_until([this, after] { return connections_ > after; });
}

bool TcpGate::wait_for_kept_back() {
  return wait_until([this] {
    return std::ranges::any_of(links_, [](const Link& link) {
      return !link.client.coming.empty() || !link.server.coming.empty();
    });
  });
}

void TcpGate::run() {
  while (true) {
    std::vector<pollfd> sources;
    {
      const std::scoped_lock guard{mutex_};
      if (over_) return;
      sources = watched();
    }
    ::poll(sources.data(), sources.size(), -1);
    if ((sources[0].revents & POLLIN) != 0) {
      std::uint64_t calls = 0;
      [[maybe_unused]] const auto got = ::read(wake_, &calls, sizeof calls);
    }
    const std::scoped_lock guard{mutex_};
    accept_one();
    links_.remove_if([this](Link& link) { return !serve(link); });
    changed_.notify_all();
  }
}

// A socket is not watched for what would not be done.
std::vector<pollfd> TcpGate::watched() const {
  std::vector<pollfd> sources{{wake_, POLLIN, 0}, {listening_, POLLIN, 0}};
  for (const Link& link : links_) {
    if (link.is_late) continue;
    const auto watch = [&](const Side& one, const Side& other) {
      const bool reads = !one.ended && one.coming.empty();
      const bool writes = mode_ == Mode::open && !other.coming.empty();
      const int events = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0);
      if (one.socket >= 0 && events != 0) {
        sources.push_back({one.socket, static_cast<short>(events), 0});
      }
    };
    watch(link.client, link.server);
    watch(link.server, link.client);
  }
  return sources;
}

void TcpGate::accept_one() {
  const int client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  ++connections_;
  const int server = mode_ == Mode::closed ? -1 : connect_to(server_port_);
  if (server < 0) {
    ::close(client);
    return;
  }
  make_quick(client);
  make_quick(server);
  links_.emplace_back();
  links_.back().client.socket = client;
  links_.back().server.socket = server;
}

bool TcpGate::serve(Link& link) {
  receive(link.client);
  receive(link.server);
  if (mode_ == Mode::stalled || link.is_late) return true;
  if (pass(link.client, link.server, Way::to_server) &&
      pass(link.server, link.client, Way::to_client)) {
    return true;
  }
  end(link.client);
  end(link.server);
  return false;
}

void TcpGate::receive(Side& side) {
  if (side.ended || !side.coming.empty()) return;
  std::array<char, 65536> buffer{};
  const ssize_t got = ::recv(side.socket, buffer.data(), buffer.size(), 0);
  if (got > 0) side.coming.assign(buffer.data(), static_cast<std::size_t>(got));
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) side.ended = true;
}

// The link ends when one side has ended and all that it sent has passed.
bool TcpGate::pass(Side& from, Side& to, Way way) {
  const bool counts = is_armed_ && way == armed_way_;
  if (!from.coming.empty()) {
    const std::size_t most = counts ? bytes_left_ : from.coming.size();
    const std::size_t size = std::min(most, from.coming.size());
    const ssize_t sent = ::send(to.socket, from.coming.data(), size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    const auto passed = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    from.coming.erase(0, passed);
    if (counts) {
      bytes_left_ -= passed;
      if (bytes_left_ == 0) {
        is_armed_ = false;
        if (passed > 0 && !from.coming.empty()) ++cuts_in_the_middle_;
        return false;
      }
    }
  }
  return !from.ended || !from.coming.empty();
}

void TcpGate::end(Side& side) {
  if (side.socket >= 0) {
    // At once: a closed socket lives on while the thread waits for it.
    ::shutdown(side.socket, SHUT_RDWR);
    ::close(side.socket);
  }
  side.socket = -1;
  side.ended = true;
}

void TcpGate::end_all() {
  for (Link& link : links_) {
    end(link.client);
    end(link.server);
  }
  links_.clear();
}

}  // namespace portfire
