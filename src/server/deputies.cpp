#include "server/deputies.hpp"

#include <utility>

namespace portfire::server {

Deputies::Deputies(Runtime& runtime, Dispatcher& dispatcher, std::function<bool()> act)
    : dispatcher_{dispatcher},
      act_{std::move(act)},
      errand_{[this] { act_in_place(); }},
      news_{runtime.make_event()} {}

void Deputies::tell() {
  bool is_for_worker = false;
  {
    const std::lock_guard lock{mutex_};
    is_for_worker = actor_ == Actor::nobody && dispatcher_.idle_workers() > 0;
    if (is_for_worker) actor_ = Actor::worker;
  }
  if (is_for_worker) {
    // Not under the mutex: the worker may be done before this thread runs again.
    if (dispatcher_.send_idle_worker(errand_)) return;
    const std::lock_guard lock{mutex_};
    actor_ = Actor::nobody;
  }
  news_->set();
}

void Deputies::act_in_place() {
  const bool task_may_rest = act_();
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    actor_ = Actor::nobody;
    wake = !task_may_rest || task_is_next_;
  }
  if (wake) news_->set();
}

void Deputies::wait_until(SteadyPoint deadline, const std::stop_token& stop) {
  news_->wait_until(deadline, stop);
}

void Deputies::rest_until(SteadyPoint deadline, const std::stop_token& stop) {
  {
    const std::lock_guard lock{mutex_};
    actor_ = Actor::nobody;
  }
  news_->wait_until(deadline, stop);
  for (;;) {
    {
      const std::lock_guard lock{mutex_};
      task_is_next_ = actor_ == Actor::worker;
      if (!task_is_next_) {
        actor_ = Actor::task;
        return;
      }
    }
    // Not to be stopped: what the worker is about is this task's own step.
    news_->wait({});
  }
}

}  // namespace portfire::server
