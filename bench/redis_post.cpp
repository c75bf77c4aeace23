#include "bench/redis_post.hpp"

#include "bench/raw_redis.hpp"
#include "bench/raw_scripts.hpp"

namespace portfire::bench {

namespace {

class RedisPost final : public Post {
 public:
  RedisPost(const std::string& native_url, const std::string& name, Side side)
      : scripts_{native_url, name}, news_{native_url} {
    if (side == Side::sender) return;
    scripts_.announce();
    const std::string channel = '{' + name + "}/queue/default";
    news_.execute({"SUBSCRIBE", channel});
  }

  void send(std::uint64_t serial) override {
    scripts_.send_creations(serial, 1);
    scripts_.receive_creations();
  }

  bool receive(std::chrono::milliseconds timeout) override {
    if (!news_.is_readable(timeout)) return false;
    news_.receive();
    scripts_.send_claim(1);
    claimed_ = scripts_.receive_claim();
    return claimed_->elements >= 4;
  }

  void finish() override {
    scripts_.send_ends(*claimed_);
    scripts_.receive_ends();
  }

 private:
  RawScripts scripts_;
  RawRedis news_;
  RawRedis::Reply claimed_;
};

}  // namespace

std::unique_ptr<Post> redis_post(const std::string& native_url, const std::string& name,
                                 Post::Side side) {
  return std::make_unique<RedisPost>(native_url, name, side);
}

}  // namespace portfire::bench
