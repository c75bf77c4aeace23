#pragma once

// Messages over the socket between a server and a child of its.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/descriptor.hpp"
#include "server/isolation/codec.hpp"

namespace portfire::server::isolation {

// Of each is said who sends it, and what answers it.
enum class MessageType : std::uint8_t {
  hello,          // child: is ready to serve
  job,            // server: `end` or `failed` answers, in the midst of the child's other messages
  progress,       // child
  line,           // child
  parameter,      // child
  create,         // child: `created` or `refused` answers
  parent_result,  // child: `result` or `refused` answers
  created,        // server
  result,         // server
  refused,        // server
  end,            // child: the outcome
  failed,         // child: an exception
};
template <>
inline constexpr MessageType last_of<MessageType> = MessageType::failed;

// Larger ones are refused by who would send them, and who receives their beginning gives up.
inline constexpr std::size_t largest_message = std::size_t{64} * 1024 * 1024;

// One to be sent. Throws UsageError when it has become too large.
class Message {
 public:
  explicit Message(MessageType type);

  Writer writer() { return Writer{bytes_}; }

  std::string_view finished();

 private:
  std::string bytes_;
};

// One that was received; valid until the next is read.
struct Received {
  MessageType type;
  std::string_view payload;
};

// Threads: one at a time.
class Channel {
 public:
  enum class Wait : bool { no, yes };
  enum class Status : unsigned char {
    done,   // something was sent or received
    later,  // nothing, without waiting
    ended,  // the other end is closed, and has read all
    reset,  // the other end was closed before it had read all
  };

  explicit Channel(Descriptor socket) : socket_{std::move(socket)} {}

  [[nodiscard]] int descriptor() const { return socket_.number(); }

  // Sends some of it, and takes that off `bytes`.
  Status send(std::string_view& bytes, Wait wait);
  // Reads some bytes.
  Status read(Wait wait);
  // The next message of what was read, if it is whole. Throws MalformedMessage.
  std::optional<Received> next();

 private:
  Descriptor socket_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what nobody has taken yet
  std::size_t end_ = 0;    // of what was read
};

}  // namespace portfire::server::isolation
