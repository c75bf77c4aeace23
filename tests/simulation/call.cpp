#include <exception>

#include <portfire/error.hpp>

#include "simulation/process_storage.hpp"

namespace portfire::simulation {
namespace {

constexpr std::chrono::microseconds least_latency{20};
constexpr std::chrono::microseconds most_latency{400};

}  // namespace

Call::Call(Process& process, const char* verb)
    : process_{process},
      verb_{verb},
      fault_{process.is_dead() ? Fault::none : process.universe().faults.draw()} {
  go();
}

void Call::note(std::string_view what) const {
  process_.universe().journal.note(process_.name(), [&] {
    const Fibre* fibre = process_.universe().scheduler.current();
    return (fibre == nullptr ? std::string{} : fibre->name + ": ") + verb_ + ": " +
           std::string{what};
  });
}

void Call::fail(const char* what, bool connection_lost) const {
  note(what);
  throw StorageError{what,
                     {.operation = verb_, .retryable = true, .connection_lost = connection_lost}};
}

// Where a destructor calls, nothing but an error of the storage is expected.
void Call::leave_if_dead() const {
  if (!process_.is_dead()) return;
  if (std::uncaught_exceptions() == 0) throw Condemned{};
  throw StorageError{"the process is dead", {.operation = verb_}};
}

void Call::go() {
  leave_if_dead();
  Universe& universe = process_.universe();
  Scheduler& scheduler = universe.scheduler;
  scheduler.mix(static_cast<std::uint64_t>(fault_) + 7);
  // The latency differs from call to call, so that they overtake each other.
  const auto lot = (scheduler.digest() >> 20U) %
                   static_cast<std::uint64_t>((most_latency - least_latency).count());
  scheduler.rest(least_latency + Duration{static_cast<Duration::rep>(lot)});
  if (fault_ != Fault::none) note(to_string(fault_));
  switch (fault_) {
    case Fault::refused: fail("refused", false);
    case Fault::lost_request: fail("the connection is lost", true);
    case Fault::slow_request: scheduler.rest(universe.faults.span()); break;
    case Fault::death_before: process_.die(); break;
    case Fault::stop_before:
      process_.stand_still(universe.faults.span());
      scheduler.rest(least_latency);
      break;
    default: break;
  }
  leave_if_dead();
  const SteadyPoint cut_off_until = process_.cut_off_until();
  if (scheduler.now() < cut_off_until) {
    if (process_.is_cut_off_in_silence()) {
      note("nothing comes back");
      scheduler.rest(std::chrono::ceil<Duration>(cut_off_until - scheduler.now()));
      leave_if_dead();
    }
    fail("cut off", true);
  }
  if (scheduler.now() < universe.outage_until) fail("no connection", true);
  if (fault_ == Fault::none) note("done");
}

void Call::come_back() {
  Universe& universe = process_.universe();
  switch (fault_) {
    case Fault::lost_reply: fail("the reply is lost", true);
    case Fault::slow_reply: universe.scheduler.rest(universe.faults.span()); break;
    case Fault::death_after: process_.die(); break;
    case Fault::stop_after:
      process_.stand_still(universe.faults.span());
      universe.scheduler.rest(least_latency);
      break;
    default: universe.scheduler.rest(least_latency); break;
  }
  leave_if_dead();
}

}  // namespace portfire::simulation
