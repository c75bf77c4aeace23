#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <portfire/storage/wakeup.hpp>

#include "storage/common/wakeup_hub.hpp"
#include "storage/redis/gateway.hpp"
#include "storage/redis/settings.hpp"

namespace portfire::redis {

// Threads: any.
class RedisWakeup final : public Wakeup {
 public:
  // Both outlive it.
  RedisWakeup(const Settings& settings, Gateway& gateway)
      : settings_{settings}, gateway_{gateway}, hub_{settings.runtime} {}

  std::unique_ptr<Subscription> subscribe(std::vector<std::string> topics) override {
    return hub_.subscribe(std::move(topics));
  }
  void notify(std::span<const std::string> topics) override { hub_.notify(topics); }

 private:
  const Settings& settings_;
  Gateway& gateway_;
  WakeupHub hub_;
};

}  // namespace portfire::redis
