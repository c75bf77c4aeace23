#include "storage/redis/wakeup.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "storage/common/listening.hpp"
#include "storage/redis/channels.hpp"

namespace portfire::redis {

Subscriber* RedisWakeup::subscriber() {
  if (!settings_.listen) return nullptr;
  const std::scoped_lock guard{mutex_};
  if (!subscriber_) subscriber_ = std::make_unique<Subscriber>(settings_, hub_);
  return subscriber_.get();
}

std::unique_ptr<Subscription> RedisWakeup::subscribe(std::vector<std::string> topics) {
  return listening_subscription(*settings_.runtime, hub_, subscriber(), settings_.poll_interval,
                                std::move(topics));
}

void RedisWakeup::notify(std::span<const std::string> topics) {
  hub_.notify(topics);
  for (const std::string& topic : topics) {
    const std::string channel = settings_.hash_tag() + '/' + channel_of(topic);
    const std::string jobs = message_of(topic);
    const std::string_view message = jobs.empty() ? settings_.mark : jobs;
    const std::array<std::string_view, 3> words{"PUBLISH", channel, message};
    static_cast<void>(gateway_.command(words));
  }
}

}  // namespace portfire::redis
