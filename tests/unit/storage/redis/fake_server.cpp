#include "unit/storage/redis/fake_server.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "storage/redis/protocol.hpp"

namespace portfire::redis {

FakeServer::FakeServer(Answer answer)
    : answer_{answer}, listening_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listening_, generic, length) != 0 || ::listen(listening_, 1) != 0 ||
      ::getsockname(listening_, generic, &length) != 0) {
    throw std::runtime_error{"the fake server cannot listen"};
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] { run(); }};
}

FakeServer::~FakeServer() {
  ::shutdown(listening_, SHUT_RDWR);
  thread_.join();
  ::close(listening_);
}

void FakeServer::run() {
  while (true) {
    const int client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    serve(client);
    ::close(client);
  }
}

// Commands have the form of replies.
void FakeServer::serve(int client) {
  ReplyReader commands;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t got = ::recv(client, buffer.data(), buffer.size(), 0);
    if (got <= 0) return;
    commands.feed({buffer.data(), static_cast<std::size_t>(got)});
    while (const auto command = commands.next()) {
      Words words;
      for (const Reply& word : command->as_array()) words.push_back(word.as_text());
      const std::string answer = answer_(words);
      if (answer.empty()) return;
      if (::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return;
    }
  }
}

}  // namespace portfire::redis
