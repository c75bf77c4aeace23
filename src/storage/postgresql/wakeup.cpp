#include "storage/postgresql/wakeup.hpp"

#include <utility>

namespace portfire::postgresql {

Listener* PostgresqlWakeup::listener() {
  if (!pool_.settings().options().listen) return nullptr;
  const std::scoped_lock guard{mutex_};
  if (!listener_) listener_ = std::make_unique<Listener>(pool_.settings(), hub_);
  return listener_.get();
}

std::unique_ptr<Subscription> PostgresqlWakeup::subscribe(std::vector<std::string> topics) {
  const Settings& settings = pool_.settings();
  return listening_subscription(*settings.runtime(), hub_, listener(),
                                settings.options().poll_interval, std::move(topics));
}

void PostgresqlWakeup::notify(std::span<const std::string> topics) {
  const std::vector<std::string> all{topics.begin(), topics.end()};
  hub_.notify(all);
  pool_.with("notify", [&](Connection& connection) { connection.run(Query::tell, all); });
}

}  // namespace portfire::postgresql
