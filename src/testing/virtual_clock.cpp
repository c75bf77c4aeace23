#include <portfire/testing/virtual_clock.hpp>

#include <atomic>
#include <mutex>
#include <set>
#include <utility>

namespace portfire::testing {

// The clocks, and the events that have to look at them again when they move.
class VirtualClock::Waiters {
 public:
  explicit Waiters(TimePoint start) : now_{start} {}

  TimePoint now() {
    const std::scoped_lock lock{mutex_};
    return now_;
  }
  SteadyPoint steady_now() {
    const std::scoped_lock lock{mutex_};
    return steady_now_;
  }
  void advance(Duration wall, Duration steady) {
    const std::scoped_lock lock{mutex_};
    now_ += wall;
    steady_now_ += steady;
    for (Event* event : events_) event->set();
  }
  void add(Event& event) {
    const std::scoped_lock lock{mutex_};
    events_.insert(&event);
  }
  void remove(Event& event) {
    const std::scoped_lock lock{mutex_};
    events_.erase(&event);
  }

 private:
  std::mutex mutex_;
  TimePoint now_;                                                // guarded by mutex_
  SteadyPoint steady_now_ = SteadyPoint{std::chrono::hours{1}};  // guarded by mutex_
  std::set<Event*> events_;                                      // guarded by mutex_
};

// Its inner event says only "look again"; whether it was really set stands beside it.
class VirtualClock::VirtualEvent : public Event {
 public:
  VirtualEvent(std::unique_ptr<Event> inner, std::shared_ptr<Waiters> waiters)
      : inner_{std::move(inner)}, waiters_{std::move(waiters)} {
    waiters_->add(*inner_);
  }
  ~VirtualEvent() override { waiters_->remove(*inner_); }
  VirtualEvent(const VirtualEvent&) = delete;
  VirtualEvent& operator=(const VirtualEvent&) = delete;

  void set() override {
    set_ = true;
    inner_->set();
  }

  bool wait_until(SteadyPoint deadline, std::stop_token stop) override {
    for (;;) {
      if (set_.exchange(false)) return true;
      if (stop.stop_requested() || waiters_->steady_now() >= deadline) return false;
      inner_->wait(stop);
    }
  }

 private:
  const std::unique_ptr<Event> inner_;
  const std::shared_ptr<Waiters> waiters_;
  std::atomic<bool> set_ = false;
};

VirtualClock::VirtualClock(TimePoint start)
    : threads_{thread_runtime()}, waiters_{std::make_shared<Waiters>(start)} {}

VirtualClock::~VirtualClock() = default;

void VirtualClock::advance(Duration by) { waiters_->advance(by, by); }

void VirtualClock::step(Duration by) { waiters_->advance(by, Duration::zero()); }

TimePoint VirtualClock::now() { return waiters_->now(); }

SteadyPoint VirtualClock::steady_now() { return waiters_->steady_now(); }

std::unique_ptr<Task> VirtualClock::spawn(std::string name, std::function<void()> body) {
  return threads_->spawn(std::move(name), std::move(body));
}

std::unique_ptr<Event> VirtualClock::make_event() {
  return std::make_unique<VirtualEvent>(threads_->make_event(), waiters_);
}

std::uint64_t VirtualClock::random() { return threads_->random(); }

}  // namespace portfire::testing
