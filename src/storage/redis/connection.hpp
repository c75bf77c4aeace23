#pragma once

// One connection: commands out, replies in, in order.

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <portfire/runtime.hpp>

#include "storage/redis/protocol.hpp"
#include "storage/redis/reply.hpp"
#include "storage/redis/stream.hpp"

namespace portfire::redis {

// Threads: one at a time. Errors: `StreamError`, after which it is of no more use.
class Connection {
 public:
  // `patience` is the limit for connecting. Both references outlive the connection.
  Connection(Network& network, Runtime& runtime, Address address, Duration patience, int stop = -1);

  void send(std::string_view bytes, Duration patience);

  // The next reply, waited for as long as `patience` after each byte. With a `wake` it is nothing
  // when that has become readable before, or the patience is over.
  std::optional<Reply> receive(Duration patience, int wake = -1);

  // Sends one command and waits for its answer.
  Reply ask(std::initializer_list<std::string_view> words, Duration patience);

  [[nodiscard]] const Address& address() const { return address_; }
  // False when there is reason to believe that it is of no more use. Asks nobody.
  [[nodiscard]] bool is_usable() const { return !is_broken_ && stream_.is_quiet(); }
  [[nodiscard]] bool is_broken() const { return is_broken_; }

  // Since when it has not been used.
  void set_idle_since(SteadyPoint at) { idle_since_ = at; }
  [[nodiscard]] SteadyPoint idle_since() const { return idle_since_; }

  // Which search for the master has found it.
  void set_generation(std::size_t generation) { generation_ = generation; }
  [[nodiscard]] std::size_t generation() const { return generation_; }

 private:
  static constexpr std::size_t buffer_bytes = std::size_t{16} * 1024;

  Runtime& runtime_;
  const Address address_;
  Stream stream_;
  ReplyReader replies_;
  std::array<char, buffer_bytes> buffer_;
  bool is_broken_ = false;
  SteadyPoint idle_since_;
  std::size_t generation_ = 0;
};

}  // namespace portfire::redis
