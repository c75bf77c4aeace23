#pragma once

// How everything stands, asked for once a second at most however many watch.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <portfire/dashboard.hpp>
#include <portfire/storage/storage.hpp>

#include "dashboard/call.hpp"
#include "dashboard/kept.hpp"

namespace portfire::dashboard {

class Overview {
 public:
  Overview(std::shared_ptr<Storage> storage, std::vector<DashboardMetric> metrics);

  // What was read from the storage, for whoever shows it in a way of its own.
  struct Reading {
    TimePoint now;
    Statistics statistics;
    std::vector<QueueSummary> queues;
    std::vector<ServerSummary> servers;
  };

  struct Snapshot {
    std::uint64_t number = 0;  // grows with each reading
    std::shared_ptr<const Reading> reading;
    std::shared_ptr<const std::string> json;
  };

  // Not older than a second. Throws `StorageError`, for a second the same one.
  Snapshot latest();

  // Sends each snapshot once, and something now and then so that proxies keep the connection.
  static std::shared_ptr<EventStream> stream(std::shared_ptr<Overview> overview);

 private:
  // Counts that take a walk, and are made less often; −1: too many to count.
  struct SlowCounts {
    std::int64_t retries = 0;
    std::int64_t recurring = 0;
  };

  Snapshot read();
  SlowCounts count_slowly();
  StateKind kind_of(const std::string& state);
  Json counts_json(const Statistics& statistics);
  Json to_json(const Reading& reading, const SlowCounts& slow);

  const std::shared_ptr<Storage> storage_;
  const std::vector<DashboardMetric> metrics_;
  // Of `read`, of which there is one at a time.
  std::uint64_t last_number_ = 0;
  std::map<std::string, StateKind> kinds_;

  Kept<Snapshot> snapshot_{std::chrono::seconds{1}};
  Kept<SlowCounts> slow_{std::chrono::seconds{10}};
};

}  // namespace portfire::dashboard
