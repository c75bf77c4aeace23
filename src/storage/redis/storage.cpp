#include "storage/redis/storage.hpp"

#include <memory>
#include <string>
#include <utility>

#include <portfire/log.hpp>
#include <portfire/open.hpp>
#include <portfire/redis.hpp>

#include "storage/common/wakeup_hub.hpp"
#include "storage/redis/coordination.hpp"
#include "storage/redis/gateway.hpp"
#include "storage/redis/job_store.hpp"
#include "storage/redis/layout.hpp"
#include "storage/redis/monitoring.hpp"
#include "storage/redis/wakeup.hpp"

namespace portfire::redis {

namespace {

class RedisStorage final : public Storage {
 public:
  RedisStorage(Settings settings, bool begin) : settings_{std::move(settings)} {
    prepare_layout(settings_, *gateway_, begin);
    for (const std::string& warning : gateway_->warnings()) {
      spdlog_sink()(LogLevel::warning, warning);
    }
  }

  JobStore& jobs() override { return jobs_; }
  Coordination& coordination() override { return coordination_; }
  Monitoring& monitoring() override { return monitoring_; }
  Wakeup& wakeup() override { return wakeup_; }

  [[nodiscard]] StorageCapabilities capabilities() const override {
    // Whether it survives the server's end is the server's setting: see docs/reference/redis.md.
    return {.durable = true,
            .survives_power_loss = false,
            .shared = true,
            .push_wakeup = settings_.listen};
  }

  [[nodiscard]] std::string description() const override { return gateway_->description(); }

  [[nodiscard]] const std::shared_ptr<Runtime>& runtime() const override {
    return settings_.runtime;
  }

 private:
  const Settings settings_;
  // In this order: whatever is listed later uses what is listed before it.
  const std::unique_ptr<Gateway> gateway_{make_gateway(settings_)};
  WakeupHub hub_{settings_.runtime};
  RedisJobStore jobs_{settings_, *gateway_, hub_};
  RedisCoordination coordination_{settings_, *gateway_};
  RedisMonitoring monitoring_{settings_, *gateway_};
  RedisWakeup wakeup_{*gateway_, settings_, hub_};
};

Settings settings_in(const std::string& url, Settings otherwise = {}) {
  Settings settings = settings_of(parse_storage_url(url), std::move(otherwise));
  check(settings);
  return settings;
}

}  // namespace

std::shared_ptr<Storage> open_storage(Settings settings, bool begin) {
  return std::make_shared<RedisStorage>(std::move(settings), begin);
}

std::shared_ptr<Storage> open(const std::string& url, Options options) {
  Settings otherwise;
  otherwise.prefix = std::move(options.prefix);
  otherwise.max_connections = options.max_connections;
  otherwise.connect_timeout = options.connect_timeout;
  otherwise.answer_timeout = options.answer_timeout;
  otherwise.wait_replicas = options.wait_replicas;
  otherwise.wait_timeout = options.wait_timeout;
  otherwise.eviction = options.eviction;
  otherwise.listen = options.listen;
  otherwise.poll_interval = options.poll_interval;
  otherwise.runtime = std::move(options.runtime);
  otherwise.time_offset = std::move(options.time_offset);
  return open_storage(settings_in(url, std::move(otherwise)), options.migrate);
}

int schema_version() { return newest_layout; }

int schema_version(const std::string& url) {
  const Settings settings = settings_in(url);
  return layout_under(settings, *make_gateway(settings));
}

void migrate(const std::string& url) {
  const Settings settings = settings_in(url);
  prepare_layout(settings, *make_gateway(settings), true);
}

void remove(const std::string& url) {
  const Settings settings = settings_in(url);
  remove_layout(settings, *make_gateway(settings));
}

}  // namespace portfire::redis
