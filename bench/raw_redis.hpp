#pragma once

// A connection to Redis as hiredis has it, for floors and for looking behind a storage.

#include <hiredis/hiredis.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace portfire::bench {

// One thread. Everything throws StorageError with the server's words.
class RawRedis {
 public:
  struct FreeReply {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
  };
  using Reply = std::unique_ptr<redisReply, FreeReply>;
  using Words = std::vector<std::string_view>;

  // redis://user:password@host:port/database or redis+unix:///path/of/socket?db=0
  explicit RawRedis(const std::string& url);

  Reply execute(const Words& words) {
    send(words);
    return receive();
  }

  // Several commands may be on their way; the answers come in their order.
  void send(const Words& words);
  Reply receive();

  // Waits for an answer that nothing has been received of yet. Returns whether one began in time.
  bool is_readable(std::chrono::milliseconds timeout) const;

  // The value of a line of INFO; empty where it has none.
  std::string info(std::string_view section, const std::string& field);

 private:
  struct Close {
    void operator()(redisContext* connection) const { redisFree(connection); }
  };
  [[noreturn]] void fail() const;

  std::unique_ptr<redisContext, Close> connection_;
};

// The text of an answer that is one.
inline std::string_view text_of(const redisReply& reply) { return {reply.str, reply.len}; }

}  // namespace portfire::bench
