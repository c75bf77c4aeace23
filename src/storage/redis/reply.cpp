#include "storage/redis/reply.hpp"

#include <charconv>
#include <utility>

#include <portfire/error.hpp>

namespace portfire::redis {

namespace {

constexpr std::size_t longest_excerpt = 80;

std::string in_words(const Reply& reply) {
  switch (reply.kind()) {
    case Reply::Kind::nil: return "nothing";
    case Reply::Kind::integer: return "the number " + std::to_string(reply.as_integer());
    case Reply::Kind::text: return "the text '" + reply.as_text().substr(0, longest_excerpt) + "'";
    case Reply::Kind::array: return "an array of " + std::to_string(reply.as_array().size());
    case Reply::Kind::error:
      return "the error '" + reply.message().substr(0, longest_excerpt) + "'";
  }
  return "something unknown";
}

[[noreturn]] void refuse(const Reply& reply, const char* expected) {
  throw StorageError{std::string{"Redis answers "} + in_words(reply) + " where " + expected +
                         " is expected; do all processes use the same version of Portfire, and is "
                         "the prefix its own?",
                     {.operation = "reply"}};
}

}  // namespace

Reply Reply::integer(std::int64_t value) {
  Reply reply;
  reply.kind_ = Kind::integer;
  reply.integer_ = value;
  return reply;
}

Reply Reply::text(std::string value) {
  Reply reply;
  reply.kind_ = Kind::text;
  reply.text_ = std::move(value);
  return reply;
}

Reply Reply::array(std::vector<Reply> items) {
  Reply reply;
  reply.kind_ = Kind::array;
  reply.items_ = std::move(items);
  return reply;
}

Reply Reply::error(std::string message) {
  Reply reply;
  reply.kind_ = Kind::error;
  reply.text_ = std::move(message);
  return reply;
}

std::int64_t Reply::as_integer() const {
  if (kind_ == Kind::integer) return integer_;
  std::int64_t value = 0;
  const char* const end = text_.data() + text_.size();
  if (kind_ != Kind::text) refuse(*this, "a number");
  const auto [stopped, error] = std::from_chars(text_.data(), end, value);
  if (error != std::errc{} || stopped != end) refuse(*this, "a number");
  return value;
}

const std::string& Reply::as_text() const {
  if (kind_ != Kind::text) refuse(*this, "a text");
  return text_;
}

const std::vector<Reply>& Reply::as_array() const {
  if (kind_ != Kind::array) refuse(*this, "an array");
  return items_;
}

const std::string& Reply::message() const {
  if (kind_ != Kind::error) refuse(*this, "an error");
  return text_;
}

}  // namespace portfire::redis
