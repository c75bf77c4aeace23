#pragma once

// RESP2 by hiredis: commands as bytes, bytes as replies.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "storage/redis/reply.hpp"

struct redisReader;

namespace portfire::redis {

// Appends a command as the server reads it.
void append_command(std::string& bytes, std::span<const std::string_view> words);

// Puts replies together from bytes as they come.
class ReplyReader {
 public:
  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  void feed(std::string_view bytes);

  // The next complete reply, if there is one. Throws `StreamError` for bytes that are none: this is
  // not a Redis server, or the order of its answers is lost.
  std::optional<Reply> next();

 private:
  struct Free {
    void operator()(redisReader* reader) const noexcept;
  };
  const std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace portfire::redis
