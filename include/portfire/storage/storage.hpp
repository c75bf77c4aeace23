#pragma once

/// One storage: the four interfaces of a driver, what it can do, and its clock.
///
/// Ownership: client, server and dashboard share a storage through `std::shared_ptr`; it closes
/// when the last one lets go. Everything obtained from it must be gone by then. Threads: all
/// members may be called from any thread at the same time.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include <portfire/runtime.hpp>
#include <portfire/storage/coordination.hpp>
#include <portfire/storage/job_store.hpp>
#include <portfire/storage/monitoring.hpp>
#include <portfire/storage/wakeup.hpp>
#include <portfire/time.hpp>

namespace portfire {

/// What differs between engines, as data; nobody ever asks a driver for its name.
struct StorageCapabilities {
  /// Committed jobs outlive the process …
  bool durable = false;
  /// … and even a power failure right after the commit.
  bool survives_power_loss = false;
  /// Several processes may work on it at the same time.
  bool shared = false;
  /// Wake-ups reach other processes without polling.
  bool push_wakeup = false;
};

/// Shifts a storage's clock, for tests. Shared between the test and any number of storages; zero
/// and absent in production. Moves forward only.
class TimeOffset {
 public:
  void advance(Duration by) { offset_.fetch_add(by.count()); }
  [[nodiscard]] Duration get() const { return Duration{offset_.load()}; }

 private:
  std::atomic<Duration::rep> offset_{0};
};

class Storage {
 public:
  virtual ~Storage() = default;

  virtual JobStore& jobs() = 0;
  virtual Coordination& coordination() = 0;
  virtual Monitoring& monitoring() = 0;
  virtual Wakeup& wakeup() = 0;

  [[nodiscard]] virtual StorageCapabilities capabilities() const = 0;

  /// For people and logs, without secrets: `sqlite:/var/lib/app/jobs.db`.
  [[nodiscard]] virtual std::string description() const = 0;

  /// The runtime it was opened with; clients and servers on it use the same.
  [[nodiscard]] virtual const std::shared_ptr<Runtime>& runtime() const = 0;
};

}  // namespace portfire
