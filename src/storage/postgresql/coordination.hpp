#pragma once

#include <optional>
#include <string>
#include <vector>

#include <portfire/storage/coordination.hpp>

#include "storage/postgresql/claims.hpp"
#include "storage/postgresql/pool.hpp"

namespace portfire::postgresql {

// Threads: any.
class PostgresqlCoordination final : public Coordination {
 public:
  // Heartbeats go through a pool of their own, so that they wait for nobody's work.
  PostgresqlCoordination(Pool& pool, Pool& heartbeats, Claims& claims)
      : pool_{pool}, heartbeats_{heartbeats}, claims_{claims} {}

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
  [[nodiscard]] Interval shift() const { return {pool_.settings().shift()}; }

  Pool& pool_;
  Pool& heartbeats_;
  Claims& claims_;
};

}  // namespace portfire::postgresql
