#pragma once

// Wake-ups: within the process by the hub, from other processes by LISTEN or, where nobody can
// listen, by looking from time to time.

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <portfire/storage/wakeup.hpp>

#include "storage/common/wakeup_hub.hpp"
#include "storage/postgresql/listener.hpp"
#include "storage/postgresql/pool.hpp"

namespace portfire::postgresql {

// Threads: any. A process that only enqueues never listens.
class PostgresqlWakeup final : public Wakeup {
 public:
  // Both outlive it.
  PostgresqlWakeup(Pool& pool, WakeupHub& hub) : pool_{pool}, hub_{hub} {}

  std::unique_ptr<Subscription> subscribe(std::vector<std::string> topics) override;
  void notify(std::span<const std::string> topics) override;

 private:
  Listener* listener();

  Pool& pool_;
  WakeupHub& hub_;
  std::mutex mutex_;
  std::unique_ptr<Listener> listener_;  // guarded by mutex_
};

}  // namespace portfire::postgresql
