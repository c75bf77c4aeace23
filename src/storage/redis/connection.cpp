#include "storage/redis/connection.hpp"

#include <utility>

namespace portfire::redis {

Connection::Connection(Network& network, Runtime& runtime, Address address, Duration patience,
                       int stop)
    : runtime_{runtime},
      address_{std::move(address)},
      stream_{network, address_, runtime.steady_now() + patience, stop} {}

void Connection::send(std::string_view bytes, Duration patience) {
  is_broken_ = true;
  stream_.write(bytes, runtime_.steady_now() + patience);
  is_broken_ = false;
}

std::optional<Reply> Connection::receive(Duration patience, int wake) {
  is_broken_ = true;
  std::optional<Reply> reply;
  while (!(reply = replies_.next())) {
    const std::size_t got = stream_.read(buffer_, runtime_.steady_now() + patience, wake);
    if (got == 0) break;
    replies_.feed({buffer_.data(), got});
  }
  is_broken_ = false;
  return reply;
}

Reply Connection::ask(std::initializer_list<std::string_view> words, Duration patience) {
  std::string bytes;
  append_command(bytes, {words.begin(), words.size()});
  send(bytes, patience);
  return *receive(patience);
}

}  // namespace portfire::redis
