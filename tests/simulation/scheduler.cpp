#include "simulation/scheduler.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "simulation/fibre_stack.hpp"

namespace portfire::simulation {
namespace {

// A step takes this long, so that nothing can go round for ever in no time.
constexpr std::chrono::microseconds step_time{1};

// The layout is the C++ ABI's, and the same in all compilers that follow it.
void exchange_exceptions(ExceptionState& state) {
  ExceptionState live;
  auto* globals = abi::__cxa_get_globals();
  std::memcpy(&live, static_cast<const void*>(globals), sizeof live);
  std::memcpy(static_cast<void*>(globals), &state, sizeof state);
  state = live;
}

}  // namespace

Scheduler::Scheduler(std::uint64_t seed) : chance_{seed} {}

Scheduler::~Scheduler() = default;

Fibre& Scheduler::spawn(Group& group, std::string name, std::function<void()> body) {
  Fibre& fibre = *fibres_.emplace_back(std::make_unique<Fibre>());
  fibre.name = std::move(name);
  fibre.group = &group;
  fibre.number = static_cast<std::uint32_t>(fibres_.size());
  fibre.body = std::move(body);
  fibre.context = boost::context::fiber{std::allocator_arg, FibreStacks{},
                                        [this, &fibre](boost::context::fiber&& main) {
                                          main_ = std::move(main);
                                          main_of(fibre);
                                          return std::move(main_);
                                        }};
  group.fibres.push_back(&fibre);
  ++living_;
  make_ready(fibre);
  return fibre;
}

void Scheduler::main_of(Fibre& fibre) {
  try {
    // What it owns goes by unwinding where it was condemned before it began: destructors ask.
    const auto body = std::move(fibre.body);
    leave_if_condemned();
    body();
  } catch (const Condemned&) {
    // As intended.
  } catch (const std::exception& error) {
    if (!fibre.group->condemned) escaped_ = fibre.name + ": " + error.what();
  } catch (...) {
    if (!fibre.group->condemned) escaped_ = fibre.name + ": an exception";
  }
  fibre.state = Fibre::State::ended;
  --living_;
  std::erase(fibre.group->fibres, &fibre);
  if (fibre.joiner != nullptr) make_ready(*fibre.joiner);
}

void Scheduler::resume(Fibre& fibre) {
  ++steps_;
  now_ += step_time;
  mix(fibre.number);
  fibre.state = Fibre::State::running;
  current_ = &fibre;
  exchange_exceptions(fibre.exceptions);

  fibre.context = std::move(fibre.context).resume();
  exchange_exceptions(fibre.exceptions);
  current_ = nullptr;
}

void Scheduler::suspend(Fibre::State state) {
  Fibre& self = *current_;
  self.state = state;
  main_ = std::move(main_).resume();
}

bool Scheduler::run(const std::function<bool()>& over) {
  while (living_ > 0) {
    if (leaving_.empty() && over()) return true;
    fire_timers();
    Fibre* next = pick();
    if (next != nullptr) {
      resume(*next);
    } else if (!advance()) {
      return false;
    }
  }
  return true;
}

Fibre* Scheduler::pick() {
  if (!leaving_.empty()) {
    Fibre* next = leaving_.back();
    leaving_.pop_back();
    return next;
  }
  while (!ready_.empty()) {
    const std::size_t lot = chance_.index(ready_.size());
    Fibre* next = std::exchange(ready_[lot], ready_.back());
    ready_.pop_back();
    if (next->group->paused_until <= now_) return next;
    paused_.push_back(next);
  }
  return nullptr;
}

bool Scheduler::advance() {
  if (timers_.empty()) return false;
  now_ = std::max(now_, timers_.top().at);
  fire_timers();
  return true;
}

void Scheduler::fire_timers() {
  while (!timers_.empty() && timers_.top().at <= now_) {
    const Timer timer = timers_.top();
    timers_.pop();
    if (timer.fibre == nullptr) {
      for (Fibre* fibre : std::exchange(paused_, {})) make_ready(*fibre);
    } else if (timer.wait_number == timer.fibre->wait_number) {
      wake(*timer.fibre);
    }
  }
}

void Scheduler::make_ready(Fibre& fibre) {
  fibre.state = Fibre::State::ready;
  ++fibre.wait_number;
  (fibre.group->condemned ? leaving_ : ready_).push_back(&fibre);
}

void Scheduler::wake(Fibre& fibre) {
  if (fibre.state == Fibre::State::waiting) make_ready(fibre);
}

void Scheduler::wait(SteadyPoint deadline) {
  if (deadline != SteadyPoint::max()) {
    timers_.push({deadline, ++timers_set_, current_, current_->wait_number});
  }
  suspend(Fibre::State::waiting);
}

void Scheduler::join(Fibre& fibre) {
  while (fibre.state != Fibre::State::ended) {
    fibre.joiner = current_;
    suspend(Fibre::State::joining);
    fibre.joiner = nullptr;
  }
}

void Scheduler::rest(Duration span) {
  leave_if_condemned();
  if (is_condemned()) return;
  const SteadyPoint until = now_ + span;
  do wait(until);
  while (now_ < until && !is_condemned());
  leave_if_condemned();
}

void Scheduler::leave_if_condemned() const {
  if (is_condemned() && std::uncaught_exceptions() == 0) throw Condemned{};
}

void Scheduler::condemn(Group& group) {
  if (std::exchange(group.condemned, true)) return;
  const auto is_of_group = [&](const Fibre* fibre) { return fibre->group == &group; };
  std::erase_if(ready_, is_of_group);
  std::erase_if(paused_, is_of_group);
  for (Fibre* fibre : group.fibres) {
    if (fibre->state == Fibre::State::waiting || fibre->state == Fibre::State::ready) {
      make_ready(*fibre);
    }
  }
}

void Scheduler::pause(Group& group, Duration span) {
  group.paused_until = std::max(group.paused_until, now_ + span);
  timers_.push({group.paused_until, ++timers_set_, nullptr, 0});
}

}  // namespace portfire::simulation
