#pragma once

// How everything stands, asked for once a second at most however many watch.

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <portfire/dashboard.hpp>
#include <portfire/storage/storage.hpp>

#include "dashboard/call.hpp"

namespace portfire::dashboard {

Json queue_json(const QueueSummary& queue);

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
  // Counts that take a walk, and are made less often.
  struct SlowCounts {
    SteadyPoint made_at;
    std::int64_t retries = 0;
    std::int64_t recurring = 0;
  };

  void read();
  [[nodiscard]] Json to_json(const Reading& reading);
  SlowCounts count_slowly(SteadyPoint now);

  const std::shared_ptr<Storage> storage_;
  const std::vector<DashboardMetric> metrics_;
  std::mutex mutex_;  // held while reading, so that all who ask meanwhile share the answer
  Snapshot snapshot_;
  std::optional<SteadyPoint> read_at_;
  std::exception_ptr failure_;  // of the last reading
  std::optional<SlowCounts> slow_;
};

}  // namespace portfire::dashboard
