#pragma once

// Back-pressure: keeps creations out of queues that have become long.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <portfire/client.hpp>
#include <portfire/storage/storage.hpp>

#include "client/creation.hpp"

namespace portfire {

// Threads: any. Waits under no lock.
class QueueBounds {
 public:
  // Throws UsageError when a name or a bound is out of range.
  QueueBounds(std::shared_ptr<Storage> storage, std::map<std::string, QueueBound> bounds);

  // Vetoes, as `full`, the jobs whose queue stays full for as long as its bound waits; with
  // *all or nothing* all of them when that is so for one. Throws StorageError.
  void admit(std::vector<PreparedJob>& jobs, Bulk bulk);

 private:
  struct Queue {
    QueueBound bound;
    std::uint64_t length = 0;  // when last looked at, and what has been added since
  };

  bool has_room(const std::string& name, std::uint64_t count);
  bool has_room_in_time(const std::string& name, std::uint64_t count);
  bool is_time_to_look(const std::string& name);
  void look();

  const std::shared_ptr<Storage> storage_;
  std::mutex mutex_;
  std::map<std::string, Queue> queues_;   // lengths guarded by mutex_, the rest stays
  std::optional<SteadyPoint> looked_at_;  // guarded by mutex_
};

}  // namespace portfire
