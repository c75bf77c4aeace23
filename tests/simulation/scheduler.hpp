#pragma once

// Fibres on one thread under a virtual clock. Whatever is ready runs next by lot; when nothing is,
// the clock jumps to the next deadline. The same seed gives the same run.

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include <boost/context/fiber.hpp>

#include <portfire/runtime.hpp>

#include "simulation/chance.hpp"

namespace portfire::simulation {

// Unwinds the fibres of a group that has been condemned; nobody but the scheduler catches it.
struct Condemned {};

class Fibre;

// Fibres that live and die together: those of one process. Not to be confused with time as others
// see it: each group has a steady clock of its own.
struct Group {
  std::string name;
  Duration steady_offset{};
  bool condemned = false;
  SteadyPoint paused_until{};
  std::vector<Fibre*> fibres = {};  // those that have not ended
};

// What exceptions in flight the C++ runtime knows of, a thing of the thread: each fibre has its
// own.
struct ExceptionState {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};

class Fibre {
 public:
  enum class State : unsigned char { ready, running, waiting, joining, ended };

  std::string name;
  Group* group = nullptr;
  std::uint32_t number = 0;
  State state = State::ready;
  std::uint64_t wait_number = 0;  // grows with each end of a wait: older timers are void
  Fibre* joiner = nullptr;
  std::function<void()> body;
  boost::context::fiber context;
  ExceptionState exceptions;
};

// Threads: one. Groups outlive it; fibres have ended, or been condemned, before it goes.
class Scheduler {
 public:
  explicit Scheduler(std::uint64_t seed);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  [[nodiscard]] SteadyPoint now() const { return now_; }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  // Of everything that has happened so far, as far as `mix` and the order of the fibres tell it.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  void mix(std::uint64_t value) { digest_ = (digest_ ^ value) * 0x100000001B3ULL; }

  Fibre& spawn(Group& group, std::string name, std::function<void()> body);

  // Runs fibres until all have ended or `over` says so. Returns false when some are left that wait
  // for nothing that could come.
  bool run(const std::function<bool()>& over);

  // The group's fibres unwind at their present wait, before anybody else runs; when they wait in a
  // destructor they are told that the time is over.
  void condemn(Group& group);
  void pause(Group& group, Duration span);

  // What an exception tells that left a fibre of a group that was not condemned; empty for none.
  [[nodiscard]] const std::string& escaped() const { return escaped_; }

  // The rest is for fibres.

  [[nodiscard]] Fibre* current() { return current_; }
  // As `Event::wait_until` of the runtime demands it of whoever is condemned.
  void leave_if_condemned() const;
  [[nodiscard]] bool is_condemned() const {
    return current_ != nullptr && current_->group->condemned;
  }
  // By the universe's clock. Returns at the deadline, or when somebody wakes the fibre.
  void wait(SteadyPoint deadline);
  void wake(Fibre& fibre);
  void join(Fibre& fibre);
  // Lets others run for a while.
  void rest(Duration span);

 private:
  struct Timer {
    SteadyPoint at;
    std::uint64_t order;
    Fibre* fibre;  // none: somebody's pause is over
    std::uint64_t wait_number;
    friend bool operator>(const Timer& a, const Timer& b) {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };

  void main_of(Fibre& fibre);
  void suspend(Fibre::State state);
  void resume(Fibre& fibre);
  Fibre* pick();
  bool advance();
  void fire_timers();
  void make_ready(Fibre& fibre);

  Chance chance_;
  SteadyPoint now_{std::chrono::hours{1}};
  std::uint64_t steps_ = 0;
  std::uint64_t digest_ = 0xCBF29CE484222325ULL;
  std::uint64_t timers_set_ = 0;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<std::unique_ptr<Fibre>> fibres_;
  std::size_t living_ = 0;
  std::vector<Fibre*> ready_;
  std::vector<Fibre*> paused_;
  std::vector<Fibre*> leaving_;  // ready, and condemned
  Fibre* current_ = nullptr;
  boost::context::fiber main_;
  std::string escaped_;
};

// The seam, for the fibres of one group. `offset` is that of its wall clock; both clocks of a
// condemned group run away, so that whoever waits on them in a destructor gets on.
class FibreRuntime final : public Runtime {
 public:
  FibreRuntime(Scheduler& scheduler, Group& group, std::uint64_t seed, std::uint64_t stream)
      : scheduler_{scheduler}, group_{group}, chance_{seed, stream} {}

  void step_wall_clock(Duration by) { wall_offset_ += by; }

  TimePoint now() override;
  SteadyPoint steady_now() override;
  std::unique_ptr<Task> spawn(std::string name, std::function<void()> body) override;
  std::unique_ptr<Event> make_event() override;
  std::uint64_t random() override { return chance_.next(); }

 private:
  Scheduler& scheduler_;
  Group& group_;
  Chance chance_;
  Duration wall_offset_{};
  Duration run_away_{};
};

}  // namespace portfire::simulation
