#pragma once

// Wake-ups: within the process by the hub, from other processes by a subscription or, where that is
// not wanted, by looking from time to time.

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <portfire/storage/wakeup.hpp>

#include "storage/common/wakeup_hub.hpp"
#include "storage/redis/gateway.hpp"
#include "storage/redis/settings.hpp"
#include "storage/redis/subscriber.hpp"

namespace portfire::redis {

// Threads: any. A process that only enqueues is never subscribed.
class RedisWakeup final : public Wakeup {
 public:
  // All outlive it.
  RedisWakeup(Gateway& gateway, const Settings& settings, WakeupHub& hub)
      : gateway_{gateway}, settings_{settings}, hub_{hub} {}

  std::unique_ptr<Subscription> subscribe(std::vector<std::string> topics) override;
  void notify(std::span<const std::string> topics) override;

 private:
  Subscriber* subscriber();

  Gateway& gateway_;
  const Settings& settings_;
  WakeupHub& hub_;
  std::mutex mutex_;
  std::unique_ptr<Subscriber> subscriber_;  // guarded by mutex_
};

}  // namespace portfire::redis
