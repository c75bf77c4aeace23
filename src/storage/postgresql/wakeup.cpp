#include "storage/postgresql/wakeup.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <stop_token>
#include <utility>

namespace portfire::postgresql {

namespace {

// A subscription of the hub's that knows whether others are told of it.
class Waiter final : public Subscription {
 public:
  // `listener` may be null.
  Waiter(const Settings& settings, Listener* listener, WakeupHub& hub,
         std::vector<std::string> topics)
      : settings_{settings},
        listener_{listener},
        topics_{std::move(topics)},
        local_{hub.subscribe(topics_)} {
    if (listener_ != nullptr) listener_->add_subscriber(topics_);
  }
  ~Waiter() override {
    local_.reset();  // from here on nobody is told
    if (listener_ == nullptr) return;
    if (awaits_) listener_->end_wait(topics_);
    listener_->remove_subscriber(topics_);
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  bool wait_until(SteadyPoint deadline, std::stop_token stop) override {
    const SteadyPoint now = settings_.runtime()->steady_now();
    if (deadline <= now || stop.stop_requested())
      return is_told(local_->wait_until(now, stop), stop);
    if (listener_ != nullptr) listener_->begin_wait(topics_);
    const bool looks = listener_ == nullptr || !listener_->is_listening();
    const SteadyPoint end =
        looks ? std::min(deadline, now + settings_.options().poll_interval) : deadline;
    const bool told = local_->wait_until(end, stop) || end < deadline;
    if (listener_ != nullptr) listener_->end_wait(topics_);
    return is_told(told, stop);
  }

  void poke() override { local_->poke(); }

  // Without a listener somebody has to look from time to time: whoever waits.
  bool forward_to(std::function<void()> told) override {
    if (listener_ == nullptr) return false;
    return local_->forward_to([this, told = std::move(told)] {
      if (awaits_.exchange(false)) listener_->end_wait(topics_);
      told();
    });
  }

  void await_more() override {
    if (listener_ != nullptr && !awaits_.exchange(true)) listener_->begin_wait(topics_);
  }

 private:
  // Who is to stop is not kept from it by a wake-up that may have no news; it keeps for the next.
  bool is_told(bool told, const std::stop_token& stop) {
    if (!told || !stop.stop_requested()) return told;
    local_->poke();
    return false;
  }

  const Settings& settings_;
  Listener* const listener_;
  const std::vector<std::string> topics_;
  std::atomic<bool> awaits_{false};  // news that are sent elsewhere
  std::unique_ptr<Subscription> local_;
};

}  // namespace

Listener* PostgresqlWakeup::listener() {
  if (!pool_.settings().options().listen) return nullptr;
  const std::scoped_lock guard{mutex_};
  if (!listener_) listener_ = std::make_unique<Listener>(pool_.settings(), hub_);
  return listener_.get();
}

std::unique_ptr<Subscription> PostgresqlWakeup::subscribe(std::vector<std::string> topics) {
  std::ranges::sort(topics);
  const auto repeated = std::ranges::unique(topics);
  topics.erase(repeated.begin(), repeated.end());
  return std::make_unique<Waiter>(pool_.settings(), listener(), hub_, std::move(topics));
}

void PostgresqlWakeup::notify(std::span<const std::string> topics) {
  const std::vector<std::string> all{topics.begin(), topics.end()};
  hub_.notify(all);
  pool_.with("notify", [&](Connection& connection) { connection.run(Query::tell, all); });
}

}  // namespace portfire::postgresql
