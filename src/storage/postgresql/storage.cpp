#include <memory>
#include <string>
#include <utility>

#include <portfire/error.hpp>
#include <portfire/postgresql.hpp>

#include "storage/common/wakeup_hub.hpp"
#include "storage/postgresql/coordination.hpp"
#include "storage/postgresql/job_store.hpp"
#include "storage/postgresql/monitoring.hpp"
#include "storage/postgresql/participation.hpp"
#include "storage/postgresql/pool.hpp"
#include "storage/postgresql/schema.hpp"
#include "storage/postgresql/settings.hpp"
#include "storage/postgresql/wakeup.hpp"

namespace portfire::postgresql {

namespace {

class PostgresqlStorage final : public Storage {
 public:
  PostgresqlStorage(std::string connection, const Options& options)
      : settings_{std::move(connection), options} {}

  // The first connection, which the others are like.
  void prepare() {
    pool_.with("open", [&](Connection& connection) {
      if (settings_.options().migrate) {
        upgrade(connection);
      } else {
        require_newest(connection);
      }
    });
  }

  [[nodiscard]] const Settings& settings() const { return settings_; }

  JobStore& jobs() override { return jobs_; }
  Coordination& coordination() override { return coordination_; }
  Monitoring& monitoring() override { return monitoring_; }
  Wakeup& wakeup() override { return wakeup_; }

  [[nodiscard]] StorageCapabilities capabilities() const override {
    return {.durable = true,
            .survives_power_loss = true,
            .shared = true,
            .push_wakeup = settings_.options().listen};
  }

  [[nodiscard]] std::string description() const override { return settings_.place(); }

  [[nodiscard]] const std::shared_ptr<Runtime>& runtime() const override {
    return settings_.runtime();
  }

 private:
  const Settings settings_;
  // In this order: whatever is listed later uses what is listed before it.
  Pool pool_{settings_, static_cast<std::size_t>(settings_.options().max_connections)};
  Pool heartbeats_{settings_, 1};
  Claims claims_;
  WakeupHub hub_{settings_.runtime()};
  PostgresqlJobStore jobs_{pool_, claims_, hub_};
  PostgresqlCoordination coordination_{pool_, heartbeats_, claims_};
  PostgresqlMonitoring monitoring_{pool_};
  PostgresqlWakeup wakeup_{pool_, hub_};
};

}  // namespace

std::shared_ptr<Storage> open(const std::string& connection, Options options) {
  auto storage = std::make_shared<PostgresqlStorage>(connection, options);
  storage->prepare();
  return storage;
}

std::shared_ptr<Storage> within(const std::shared_ptr<Storage>& storage, pg_conn* connection) {
  const auto* const ours = dynamic_cast<const PostgresqlStorage*>(storage.get());
  if (ours == nullptr) {
    throw UsageError{
        "postgresql::within needs a storage that postgresql::open has opened; this is " +
        (storage ? storage->description() : std::string{"a null pointer"})};
  }
  if (connection == nullptr) {
    throw UsageError{"postgresql::within needs a connection; this is a null pointer"};
  }
  return std::make_shared<ParticipatingStorage>(storage, ours->settings(), connection);
}

std::function<void(const Unit&)> committing(const std::shared_ptr<Storage>& storage,
                                            pg_conn* connection) {
  // Shared by the copies of the function.
  const auto transaction =
      std::make_shared<HandlersTransaction>(within(storage, connection), connection);
  return [transaction](const Unit& unit) { transaction->finish(unit); };
}

int schema_version(const std::string& connection, const std::string& schema) {
  const Settings settings{connection, {.schema = schema}};
  Connection one{settings, "open"};
  return version_in(one);
}

void migrate(const std::string& connection, const std::string& schema) {
  const Settings settings{connection, {.schema = schema}};
  Connection one{settings, "migrate"};
  upgrade(one, Repair::yes);
}

void remove(const std::string& connection, const std::string& schema) {
  const Settings settings{connection, {.schema = schema}};
  Connection one{settings, "remove"};
  // Reading the version finds out whether it is ours.
  if (version_in(one) > 0) one.execute(settings.expanded("DROP SCHEMA :schema CASCADE"));
}

}  // namespace portfire::postgresql
