#include "storage/common/listening.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <stop_token>
#include <utility>

namespace portfire {

namespace {

class Waiter final : public Subscription {
 public:
  Waiter(Runtime& runtime, WakeupHub& hub, NewsSource* source, Duration poll_interval,
         std::vector<std::string> topics)
      : runtime_{runtime},
        source_{source},
        poll_interval_{poll_interval},
        topics_{std::move(topics)},
        local_{hub.subscribe(topics_)} {
    if (source_ != nullptr) source_->add_subscriber(topics_);
  }
  ~Waiter() override {
    local_.reset();  // from here on nobody is told
    if (source_ == nullptr) return;
    if (awaits_) source_->end_wait(topics_);
    source_->remove_subscriber(topics_);
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  bool wait_until(SteadyPoint deadline, std::stop_token stop) override {
    const SteadyPoint now = runtime_.steady_now();
    if (deadline <= now || stop.stop_requested())
      return is_told(local_->wait_until(now, stop), stop);
    if (source_ != nullptr) source_->begin_wait(topics_);
    const bool looks = source_ == nullptr || !source_->is_listening();
    const SteadyPoint end = looks ? std::min(deadline, now + poll_interval_) : deadline;
    const bool told = local_->wait_until(end, stop) || end < deadline;
    if (source_ != nullptr) source_->end_wait(topics_);
    return is_told(told, stop);
  }

  void poke() override { local_->poke(); }

  // Without a source somebody has to look from time to time: whoever waits.
  bool forward_to(std::function<void()> told) override {
    if (source_ == nullptr) return false;
    return local_->forward_to([this, told = std::move(told)] {
      if (awaits_.exchange(false)) source_->end_wait(topics_);
      told();
    });
  }

  void await_more() override {
    if (source_ != nullptr && !awaits_.exchange(true)) source_->begin_wait(topics_);
  }

 private:
  // Who is to stop is not kept from it by a wake-up that may have no news; it keeps for the next.
  bool is_told(bool told, const std::stop_token& stop) {
    if (!told || !stop.stop_requested()) return told;
    local_->poke();
    return false;
  }

  Runtime& runtime_;
  NewsSource* const source_;
  const Duration poll_interval_;
  const std::vector<std::string> topics_;
  std::atomic<bool> awaits_{false};  // news that are sent elsewhere
  std::unique_ptr<Subscription> local_;
};

}  // namespace

std::unique_ptr<Subscription> listening_subscription(Runtime& runtime, WakeupHub& hub,
                                                     NewsSource* source, Duration poll_interval,
                                                     std::vector<std::string> topics) {
  std::ranges::sort(topics);
  const auto repeated = std::ranges::unique(topics);
  topics.erase(repeated.begin(), repeated.end());
  return std::make_unique<Waiter>(runtime, hub, source, poll_interval, std::move(topics));
}

}  // namespace portfire
