#include <exception>
#include <optional>
#include <utility>

#include "simulation/scheduler.hpp"

namespace portfire::simulation {
namespace {

constexpr TimePoint first_day = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

// May wait in a fibre of any group: the deadline is by the clock of that one.
class FibreEvent final : public Event {
 public:
  explicit FibreEvent(Scheduler& scheduler) : scheduler_{scheduler} {}

  void set() override {
    set_ = true;
    if (waiter_ != nullptr) scheduler_.wake(*waiter_);
  }

  bool wait_until(SteadyPoint deadline, std::stop_token stop) override {
    if (scheduler_.current() == nullptr) return std::exchange(set_, false);
    scheduler_.leave_if_condemned();
    Fibre& self = *scheduler_.current();
    const SteadyPoint end = in_universe(deadline, self.group->steady_offset);
    if (set_ || stop.stop_requested() || end <= scheduler_.now() || scheduler_.is_condemned()) {
      return std::exchange(set_, false);
    }
    {
      waiter_ = &self;
      const Guard guard{waiter_};
      const std::stop_callback waker{stop, [this, &self] { scheduler_.wake(self); }};
      while (!set_ && !stop.stop_requested() && scheduler_.now() < end &&
             !scheduler_.is_condemned()) {
        scheduler_.wait(end);
      }
    }
    scheduler_.leave_if_condemned();
    return std::exchange(set_, false);
  }

 private:
  struct Guard {
    Fibre*& waiter;
    ~Guard() { waiter = nullptr; }
  };

  static SteadyPoint in_universe(SteadyPoint deadline, Duration offset) {
    constexpr auto far = std::chrono::hours{24 * 365 * 100};
    if (deadline.time_since_epoch() > far) return SteadyPoint::max();
    return deadline - offset;
  }

  Scheduler& scheduler_;
  Fibre* waiter_ = nullptr;
  bool set_ = false;
};

class FibreTask final : public Task {
 public:
  FibreTask(Scheduler& scheduler, Fibre& fibre) : scheduler_{scheduler}, fibre_{fibre} {}
  ~FibreTask() override { join(); }
  FibreTask(const FibreTask&) = delete;
  FibreTask& operator=(const FibreTask&) = delete;

  // Also where the group is condemned, for the owner is about to take away what the task uses.
  void join() override { scheduler_.join(fibre_); }

 private:
  Scheduler& scheduler_;
  Fibre& fibre_;
};

}  // namespace

TimePoint FibreRuntime::now() {
  return first_day + std::chrono::floor<Duration>(scheduler_.now().time_since_epoch()) +
         wall_offset_;
}

SteadyPoint FibreRuntime::steady_now() {
  if (group_.condemned) run_away_ += std::chrono::hours{1};
  return scheduler_.now() + group_.steady_offset + run_away_;
}

std::unique_ptr<Task> FibreRuntime::spawn(std::string name, std::function<void()> body) {
  return std::make_unique<FibreTask>(scheduler_,
                                     scheduler_.spawn(group_, std::move(name), std::move(body)));
}

std::unique_ptr<Event> FibreRuntime::make_event() {
  return std::make_unique<FibreEvent>(scheduler_);
}

}  // namespace portfire::simulation
