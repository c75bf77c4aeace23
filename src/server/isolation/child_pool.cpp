#include "server/isolation/child_pool.hpp"

#include <poll.h>

#include <algorithm>
#include <iterator>
#include <system_error>

#include <portfire/error.hpp>

namespace portfire::server::isolation {

ChildPool::ChildPool(Runtime& runtime, const ChildOptions& options, std::size_t workers)
    : runtime_{runtime}, options_{options}, places_(workers) {
  for (Place& place : places_) place.event = runtime.make_event();
}

ChildPool::~ChildPool() { stop(); }

void ChildPool::start() {
  keeper_ = runtime_.spawn("isolation", [this] { keep(); });
}

void ChildPool::stop() {
  if (keeper_ == nullptr) return;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    std::ranges::move(resting_, std::back_inserter(leavers_));
    resting_.clear();
  }
  bell_.ring();
  keeper_->join();
  keeper_.reset();
}

std::unique_ptr<ChildProcess> ChildPool::take(std::size_t worker) {
  Place& place = places_[worker];
  {
    const std::lock_guard lock{mutex_};
    while (!resting_.empty()) {
      auto child = std::move(resting_.back());
      resting_.pop_back();
      const bool has_died = wait_readable(child->process_descriptor(), Duration::zero());
      if (has_died) leavers_.push_back(std::move(child));
      if (has_died || some_wanted()) bell_.ring();
      if (!has_died) return child;
    }
    waiting_.push_back(&place);
  }
  bell_.ring();
  place.event->wait({});
  const std::lock_guard lock{mutex_};
  if (place.child == nullptr) {
    throw Error{"no process could be started for the job: " + place.error};
  }
  return std::move(place.child);
}

void ChildPool::give_back(std::unique_ptr<ChildProcess> child) {
  const bool leaves = child->jobs_begun >= static_cast<std::uint64_t>(options_.jobs_per_child);
  {
    const std::lock_guard lock{mutex_};
    if (!leaves && !stopping_) {
      hand_over(std::move(child), {});
      return;
    }
    leavers_.push_back(std::move(child));
  }
  bell_.ring();
}

// With the mutex held: whether there are fewer than there should be. No worker has more than one.
bool ChildPool::some_wanted() const {
  if (!waiting_.empty()) return true;
  return !stopping_ && !could_not_start_ &&
         resting_.size() < static_cast<std::size_t>(options_.spare);
}

// With the mutex held: to whom has waited longest, or to rest.
void ChildPool::hand_over(std::unique_ptr<ChildProcess> child, std::string error) {
  if (waiting_.empty()) {
    if (child == nullptr) return;
    // A new one comes last: those that have served are warm.
    resting_.insert(child->is_ready ? resting_.end() : resting_.begin(), std::move(child));
    return;
  }
  Place& place = *waiting_.front();
  waiting_.pop_front();
  place.child = std::move(child);
  place.error = std::move(error);
  place.event->set();
}

void ChildPool::keep() {
  std::vector<Leaving> leaving;
  for (;;) {
    start_wanted();
    take_leavers(leaving);
    {
      const std::lock_guard lock{mutex_};
      if (stopping_ && leaving.empty() && leavers_.empty()) return;
    }
    wait_for_end(leaving);
  }
}

void ChildPool::start_wanted() {
  for (;;) {
    {
      const std::lock_guard lock{mutex_};
      if (!some_wanted()) return;
    }
    std::unique_ptr<ChildProcess> child;
    std::string error;
    try {
      child = std::make_unique<ChildProcess>();
    } catch (const std::system_error& failure) {
      error = failure.what();
    }
    const std::lock_guard lock{mutex_};
    could_not_start_ = child == nullptr;
    hand_over(std::move(child), std::move(error));
  }
}

void ChildPool::take_leavers(std::vector<Leaving>& leaving) {
  const std::lock_guard lock{mutex_};
  // It has no job, so this is about its destructors of static objects.
  constexpr std::chrono::seconds moment{1};
  const SteadyPoint killed_at = runtime_.steady_now() + moment;
  for (auto& child : leavers_) {
    child->let_go();
    leaving.push_back({std::move(child), killed_at});
  }
  leavers_.clear();
}

void ChildPool::wait_for_end(std::vector<Leaving>& leaving) {
  std::vector<pollfd> all{{.fd = bell_.descriptor(), .events = POLLIN, .revents = 0}};
  SteadyPoint next = SteadyPoint::max();
  for (const Leaving& each : leaving) {
    all.push_back({.fd = each.child->process_descriptor(), .events = POLLIN, .revents = 0});
    next = std::min(next, each.killed_at);
  }
  int timeout_ms = -1;
  if (!leaving.empty()) {
    const auto left = std::max(next - runtime_.steady_now(), SteadyPoint::duration::zero());
    timeout_ms = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
  }
  poll(all.data(), all.size(), timeout_ms);
  if ((all.front().revents & POLLIN) != 0) bell_.silence();
  const SteadyPoint now = runtime_.steady_now();
  std::vector<Leaving> rest;
  for (std::size_t i = 0; i < leaving.size(); ++i) {
    const bool has_ended = (all[i + 1].revents & POLLIN) != 0;
    // Its end of life kills and buries it.
    if (has_ended || now >= leaving[i].killed_at) continue;
    rest.push_back(std::move(leaving[i]));
  }
  leaving = std::move(rest);
}

}  // namespace portfire::server::isolation
