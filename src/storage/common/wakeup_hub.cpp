#include "storage/common/wakeup_hub.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace portfire {
namespace {

bool concerns_jobs(const std::vector<std::string>& topics) {
  static constexpr std::string_view prefix = "job/";
  return std::any_of(topics.begin(), topics.end(),
                     [](const std::string& topic) { return topic.starts_with(prefix); });
}

}  // namespace

class WakeupHub::Member final : public Subscription {
 public:
  Member(WakeupHub& hub, std::vector<std::string> wanted)
      : topics{std::move(wanted)}, hub_{hub}, event_{hub.runtime_->make_event()} {}
  ~Member() override { hub_.remove(*this); }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  bool wait_until(SteadyPoint deadline, std::stop_token stop) override {
    return event_->wait_until(deadline, std::move(stop));
  }

  void poke() override {
    if (told_) {
      told_();
    } else {
      event_->set();
    }
  }

  bool forward_to(std::function<void()> told) override {
    {
      const std::lock_guard lock{hub_.mutex_};
      told_ = std::move(told);
    }
    if (event_->wait_until(SteadyPoint{}, {})) told_();
    return true;
  }

  const std::vector<std::string> topics;

 private:
  WakeupHub& hub_;
  const std::unique_ptr<Event> event_;
  std::function<void()> told_;  // written once, under the hub's mutex
};

WakeupHub::WakeupHub(std::shared_ptr<Runtime> runtime) : runtime_{std::move(runtime)} {}

WakeupHub::~WakeupHub() = default;

std::unique_ptr<Subscription> WakeupHub::subscribe(std::vector<std::string> topics) {
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  auto member = std::make_unique<Member>(*this, std::move(topics));
  const std::lock_guard lock{mutex_};
  members_.push_back(member.get());
  for (const std::string& topic : member->topics) members_by_topic_[topic].push_back(member.get());
  if (concerns_jobs(member->topics)) ++job_subscriptions_;
  return member;
}

void WakeupHub::remove(const Member& member) {
  const std::lock_guard lock{mutex_};
  std::erase(members_, &member);
  for (const std::string& topic : member.topics) {
    const auto found = members_by_topic_.find(topic);
    std::erase(found->second, &member);
    if (found->second.empty()) members_by_topic_.erase(found);
  }
  if (concerns_jobs(member.topics)) --job_subscriptions_;
}

void WakeupHub::notify(std::span<const std::string> topics) {
  if (topics.empty()) return;
  // Under the mutex, or a member could be gone before it is poked; poking waits for nobody.
  const std::lock_guard lock{mutex_};
  for (const std::string& topic : topics) {
    const auto found = members_by_topic_.find(topic);
    if (found == members_by_topic_.end()) continue;
    for (Member* member : found->second) member->poke();
  }
}

void WakeupHub::notify_all() {
  const std::lock_guard lock{mutex_};
  for (Member* member : members_) member->poke();
}

}  // namespace portfire
