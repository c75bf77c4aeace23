#include "server/dispatcher.hpp"

#include <algorithm>

namespace portfire::server {

Dispatcher::Dispatcher(Runtime& runtime, const Lease& lease, QueueOrder queues, std::size_t workers)
    : runtime_{runtime},
      lease_{lease},
      queues_{std::move(queues)},
      waiting_(queues_.queues().size()) {
  for (std::size_t i = 0; i < workers; ++i) workers_.push_back({runtime.make_event()});
}

void Dispatcher::push(std::vector<Claimed> claimed) {
  if (claimed.empty()) return;
  Event* wake = nullptr;
  {
    const std::lock_guard lock{mutex_};
    for (Claimed& job : claimed) {
      const auto& queues = queues_.queues();
      const auto queue = std::find(queues.begin(), queues.end(), job.execution.queue);
      auto& jobs = waiting_[static_cast<std::size_t>(queue - queues.begin()) % waiting_.size()];
      const auto goes_before = [](int priority, const Claimed& other) {
        return priority > other.execution.priority;
      };
      // Almost always the end: claims come in order.
      const auto place =
          jobs.empty() || jobs.back().execution.priority >= job.execution.priority
              ? jobs.end()
              : std::upper_bound(jobs.begin(), jobs.end(), job.execution.priority, goes_before);
      jobs.insert(place, std::move(job));
    }
    size_ += claimed.size();
    wake = wake_locked();
  }
  if (wake != nullptr) wake->set();
}

bool Dispatcher::send_idle_worker(const std::function<void()>& errand) {
  Worker* worker = nullptr;
  {
    const std::lock_guard lock{mutex_};
    worker = pick_idle_locked();
    if (worker == nullptr) return false;
    worker->errand = &errand;
  }
  worker->event->set();
  return true;
}

std::optional<Claimed> Dispatcher::next(std::size_t worker) {
  Worker& self = workers_[worker];
  for (;;) {
    Look look = look_around(self);
    for (Event* event : {look.wake, look.low, look.idle}) {
      if (event != nullptr) event->set();
    }
    if (look.errand != nullptr) {
      (*look.errand)();
      continue;
    }
    if (look.job || look.closed) return std::move(look.job);
    self.event->wait({});
  }
}

Dispatcher::Look Dispatcher::look_around(Worker& self) {
  Look look;
  const std::lock_guard lock{mutex_};
  // On an errand a worker still counts as idle, and as on its way: what it pushes wakes nobody
  // else, for it takes the first job itself.
  look.errand = std::exchange(self.errand, nullptr);
  if (look.errand != nullptr) return look;
  if (self.idle) {
    set_idle_locked(self, false);
    if (waking_ > 0) --waking_;
  }
  look.closed = closed_;
  if (closed_) return look;
  look.job = take_locked();
  if (look.job) {
    // One wakes the next: as many workers as there is work, without a stampede.
    if (size_ > 0) look.wake = wake_locked();
  } else {
    set_idle_locked(self, true);
    look.idle = idle_event_;
  }
  look.low = low_event_locked();
  return look;
}

std::optional<Claimed> Dispatcher::take_locked() {
  if (size_ == 0 || !lease_.may_start(runtime_.steady_now())) return std::nullopt;
  auto& jobs =
      waiting_[queues_.pick(runtime_, [this](std::size_t i) { return !waiting_[i].empty(); })];
  std::optional<Claimed> job{std::move(jobs.front())};
  jobs.pop_front();
  --size_;
  return job;
}

void Dispatcher::set_idle_locked(Worker& worker, bool idle) {
  if (worker.idle == idle) return;
  worker.idle = idle;
  idle_count_ += idle ? 1 : std::size_t(-1);
}

// At most one woken worker is on its way at a time; it wakes the next when there is more to do.
Dispatcher::Worker* Dispatcher::pick_idle_locked() {
  if (waking_ > 0) return nullptr;
  const auto idle = std::ranges::find_if(workers_, &Worker::idle);
  if (idle == workers_.end()) return nullptr;
  ++waking_;
  return &*idle;
}

Event* Dispatcher::wake_locked() {
  const Worker* worker = pick_idle_locked();
  return worker == nullptr ? nullptr : worker->event.get();
}

Event* Dispatcher::low_event_locked() {
  if (low_event_ == nullptr) return nullptr;
  const bool starving = size_ == 0 && idle_count_ > 0;
  if (!starving && size_ >= low_water_) return nullptr;
  return std::exchange(low_event_, nullptr);
}

std::vector<Claimed> Dispatcher::take_if(const std::function<bool(const Claimed&)>& wanted) {
  std::vector<Claimed> taken;
  const std::lock_guard lock{mutex_};
  for (auto& jobs : waiting_) {
    std::deque<Claimed> kept;
    for (Claimed& job : jobs) {
      if (wanted(job)) {
        taken.push_back(std::move(job));
      } else {
        kept.push_back(std::move(job));
      }
    }
    jobs = std::move(kept);
  }
  size_ -= taken.size();
  return taken;
}

void Dispatcher::for_each(const std::function<void(const Claimed&)>& visit) const {
  const std::lock_guard lock{mutex_};
  for (const auto& jobs : waiting_) std::for_each(jobs.begin(), jobs.end(), visit);
}

void Dispatcher::wake_all() {
  for (Worker& worker : workers_) worker.event->set();
}

void Dispatcher::close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }
  wake_all();
}

std::optional<SteadyPoint> Dispatcher::oldest() const {
  const std::lock_guard lock{mutex_};
  std::optional<SteadyPoint> oldest;
  for (const auto& jobs : waiting_) {
    if (!jobs.empty() && (!oldest || jobs.front().claimed_at < *oldest)) {
      oldest = jobs.front().claimed_at;
    }
  }
  return oldest;
}

void Dispatcher::notify_when_low(Event& event, std::size_t low_water) {
  Event* low = nullptr;
  {
    const std::lock_guard lock{mutex_};
    low_event_ = &event;
    low_water_ = low_water;
    low = low_event_locked();
  }
  if (low != nullptr) low->set();
}

void Dispatcher::notify_when_idle(Event& event) {
  const std::lock_guard lock{mutex_};
  idle_event_ = &event;
}

}  // namespace portfire::server
