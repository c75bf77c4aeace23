#pragma once

#include <string>
#include <utility>

#include "support/private_redis.hpp"

namespace portfire {

// A prefix of the test program's own server. Its keys go with the object, as what uses them should
// have gone before.
class RedisPlace {
 public:
  explicit RedisPlace(PrivateRedis& server) : server_{server} {
    static int places = 0;
    prefix_ = "place" + std::to_string(++places);
  }
  ~RedisPlace() {
    try {
      remove_keys();
    } catch (...) {
      // They go with the server.
    }
  }
  RedisPlace(const RedisPlace&) = delete;
  RedisPlace& operator=(const RedisPlace&) = delete;

  RedisPlace() : RedisPlace{PrivateRedis::shared()} {}

  [[nodiscard]] PrivateRedis& server() const { return server_; }
  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  [[nodiscard]] std::string url() const { return server_.url(prefix_); }
  [[nodiscard]] std::string tcp_url() const { return server_.tcp_url(prefix_); }

  void remove_keys() {
    server_.execute({"EVAL",
                     "local cursor = '0' repeat "
                     "local found = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 10000) "
                     "cursor = found[1] "
                     "for _, key in ipairs(found[2]) do redis.call('UNLINK', key) end "
                     "until cursor == '0'",
                     "0", "{" + prefix_ + "}*"});
  }

 private:
  PrivateRedis& server_;
  std::string prefix_;
};

}  // namespace portfire
