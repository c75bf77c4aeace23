#include <memory>
#include <string>
#include <utility>

#include <portfire/error.hpp>
#include <portfire/sqlite.hpp>

#include "storage/common/wakeup_hub.hpp"
#include "storage/sqlite/coordination.hpp"
#include "storage/sqlite/job_store.hpp"
#include "storage/sqlite/monitoring.hpp"
#include "storage/sqlite/readers.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/sqlite/side_lock.hpp"
#include "storage/sqlite/wakeup.hpp"
#include "storage/sqlite/writer.hpp"

namespace portfire::sqlite {

namespace {

class SqliteStorage final : public Storage {
 public:
  SqliteStorage(std::filesystem::path file, Options options, std::shared_ptr<Runtime> runtime,
                std::unique_ptr<SideLock> lock)
      : file_{std::move(file)},
        options_{std::move(options)},
        runtime_{std::move(runtime)},
        lock_{std::move(lock)} {}

  JobStore& jobs() override { return jobs_; }
  Coordination& coordination() override { return coordination_; }
  Monitoring& monitoring() override { return monitoring_; }
  Wakeup& wakeup() override { return wakeup_; }

  [[nodiscard]] StorageCapabilities capabilities() const override {
    return {.durable = true,
            .survives_power_loss = options_.durability == Durability::full,
            .shared = true,
            .push_wakeup = true};
  }

  [[nodiscard]] std::string description() const override { return "sqlite:" + file_.string(); }

  [[nodiscard]] const std::shared_ptr<Runtime>& runtime() const override { return runtime_; }

 private:
  const std::filesystem::path file_;
  const Options options_;
  const std::shared_ptr<Runtime> runtime_;
  // In this order: whatever is listed later uses what is listed before it.
  const std::unique_ptr<SideLock> lock_;
  WakeupHub hub_{runtime_};
  Writer writer_{file_, options_, runtime_, *lock_, hub_};
  ReaderPool readers_{file_};
  SqliteJobStore jobs_{writer_, readers_};
  SqliteCoordination coordination_{writer_, readers_};
  SqliteMonitoring monitoring_{writer_, readers_};
  SqliteWakeup wakeup_{runtime_, *lock_, hub_, writer_};
};

void check(const Options& options) {
  constexpr int least = 64;
  constexpr int most = 4'194'304;
  if (options.cache_kib >= least && options.cache_kib <= most) return;
  throw UsageError{"sqlite::Options::cache_kib is " + std::to_string(options.cache_kib) +
                   "; it must be " + std::to_string(least) + " to " + std::to_string(most)};
}

}  // namespace

std::shared_ptr<Storage> open(const std::filesystem::path& path, Options options) {
  check(options);
  check_path(path);
  // Readers open it later, perhaps after the process has changed its directory.
  const std::filesystem::path file = std::filesystem::absolute(path);
  if (!options.migrate) require_newest(file);
  std::shared_ptr<Runtime> runtime = options.runtime ? options.runtime : thread_runtime();
  auto lock = std::make_unique<SideLock>(file);
  upgrade(file, *lock);
  return std::make_shared<SqliteStorage>(file, std::move(options), std::move(runtime),
                                         std::move(lock));
}

}  // namespace portfire::sqlite
