#pragma once

// The driver's own scripts with arguments put together by hand: what Redis' floors are made of.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/raw_redis.hpp"

namespace portfire::redis {
struct Script;
}

namespace portfire::bench {

// A connection that calls the scripts of an installation, for one server and plain jobs. One
// thread. A second call may be sent before the answer of the first has been received.
class RawScripts {
 public:
  // `name` is the installation's prefix.
  RawScripts(const std::string& native_url, const std::string& name);

  void announce();

  void send_creations(std::uint64_t first_serial, std::size_t count);
  void receive_creations();

  void send_claim(std::size_t max);
  RawRedis::Reply receive_claim() { return redis_.receive(); }

  // Of all that a claim has answered: the instant, then id, record before it and two more each.
  void send_ends(const redisReply& claimed);
  void receive_ends();

 private:
  RawRedis::Words begin(const redis::Script& script, std::size_t more) const;
  void send(const redis::Script& script, const std::vector<std::string>& arguments);

  RawRedis redis_;
  const std::string tag_;
  const std::string server_;
  std::string record_;
  std::string succeeded_;
  const std::string times_;  // of start and run: no time at all
  std::uint64_t token_ = 0;
};

}  // namespace portfire::bench
