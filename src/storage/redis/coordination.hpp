#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/storage/coordination.hpp>

#include "storage/redis/gateway.hpp"
#include "storage/redis/settings.hpp"

namespace portfire::redis {

// Threads: any. Heartbeats have a connection of their own.
class RedisCoordination final : public Coordination {
 public:
  // Both outlive it.
  RedisCoordination(const Settings& settings, Gateway& gateway)
      : settings_{settings}, gateway_{gateway} {}

  void announce(const ServerInfo& server) override;
  HeartbeatResult heartbeat(ServerId server) override;
  void remove(ServerId server) override;
  bool ask_to_stop(ServerId server) override;
  std::optional<LockGrant> acquire_lock(const std::string& name, const std::string& owner,
                                        Duration lease) override;
  bool renew_lock(const LockGrant& lock, Duration lease) override;
  void release_lock(const LockGrant& lock) override;
  std::vector<QueueSettings> queue_settings() override;
  bool set_queue(const QueueSettings& settings) override;
  RecurringDue due_recurring(const RecurringRequest& request) override;
  std::optional<RecurringRecord> recurring(const std::string& id) override;
  std::vector<RecurringRecord> list_recurring(const RecurringQuery& query) override;
  // oversight.cpp
  std::uint64_t record(const AuditEntry& entry) override;
  void conclude(std::uint64_t number, const std::string& outcome) override;

 private:
  // The fence, or 0.
  std::uint64_t lock(std::string_view what, const std::string& name, const std::string& who,
                     Duration lease);

  const Settings& settings_;
  Gateway& gateway_;
};

// As scripts/set_queue.lua packs them.
QueueSettings read_queue_settings(const std::string& name, std::string_view packed);

}  // namespace portfire::redis
