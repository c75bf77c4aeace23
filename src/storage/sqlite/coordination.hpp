#pragma once

#include <optional>
#include <string>
#include <vector>

#include <portfire/storage/coordination.hpp>

#include "storage/sqlite/readers.hpp"
#include "storage/sqlite/writer.hpp"

namespace portfire::sqlite {

// Threads: any.
class SqliteCoordination final : public Coordination {
 public:
  SqliteCoordination(Writer& writer, ReaderPool& readers) : writer_{writer}, readers_{readers} {}

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
  std::uint64_t record(const AuditEntry& entry) override;
  void conclude(std::uint64_t number, const std::string& outcome) override;

 private:
  Writer& writer_;
  ReaderPool& readers_;
};

}  // namespace portfire::sqlite
