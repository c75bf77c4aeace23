#include "server/isolation/channel.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace portfire::server::isolation {

namespace {

using Size = std::uint32_t;

constexpr std::size_t usual_buffer = std::size_t{64} * 1024;

int flags_of(Channel::Wait wait) {
  return MSG_NOSIGNAL | (wait == Channel::Wait::no ? MSG_DONTWAIT : 0);
}

Channel::Status status_of_error() {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return Channel::Status::later;
  return errno == ECONNRESET || errno == EPIPE ? Channel::Status::reset : Channel::Status::ended;
}

}  // namespace

Message::Message(MessageType type) : bytes_(sizeof(Size), '\0') { Writer{bytes_}(type); }

std::string_view Message::finished() {
  const std::size_t size = bytes_.size() - sizeof(Size);
  if (size > largest_message) {
    throw UsageError{"an isolated job and its server cannot exchange " + std::to_string(size) +
                     " bytes at once; arguments, a result or a bulk may take " +
                     std::to_string(largest_message)};
  }
  const auto head = static_cast<Size>(size);
  std::memcpy(bytes_.data(), &head, sizeof head);
  return bytes_;
}

Channel::Status Channel::send(std::string_view& bytes, Wait wait) {
  const ssize_t sent = ::send(socket_.number(), bytes.data(), bytes.size(), flags_of(wait));
  if (sent < 0) return status_of_error();
  bytes.remove_prefix(static_cast<std::size_t>(sent));
  return Status::done;
}

Channel::Status Channel::read(Wait wait) {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    // What a rare large message took is not kept for ever.
    if (buffer_.size() > 16 * usual_buffer) buffer_ = {};
  }
  if (buffer_.size() - end_ < usual_buffer / 2) {
    buffer_.erase(0, begin_);
    end_ -= std::exchange(begin_, 0);
    buffer_.resize(std::max(usual_buffer, 2 * end_));
  }
  const ssize_t got =
      ::recv(socket_.number(), buffer_.data() + end_, buffer_.size() - end_, flags_of(wait));
  if (got < 0) return status_of_error();
  if (got == 0) return Status::ended;
  end_ += static_cast<std::size_t>(got);
  return Status::done;
}

std::optional<Received> Channel::next() {
  const std::string_view unread{buffer_.data() + begin_, end_ - begin_};
  if (unread.size() < sizeof(Size)) return std::nullopt;
  Reader head{unread};
  const auto size = head.take<Size>();
  if (size == 0 || size > largest_message) {
    throw MalformedMessage{"a message has an impossible length"};
  }
  if (unread.size() - sizeof(Size) < size) return std::nullopt;
  const std::string_view message = unread.substr(sizeof(Size), size);
  begin_ += sizeof(Size) + size;
  return Received{Reader{message}.take<MessageType>(), message.substr(sizeof(MessageType))};
}

}  // namespace portfire::server::isolation
