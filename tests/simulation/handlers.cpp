#include <stdexcept>

#include "simulation/ledger.hpp"
#include "simulation/workload.hpp"

namespace portfire::simulation {
namespace {

// Waits, at most until the token fires, where one is given.
void pass_time(Process& process, int milliseconds, const std::stop_token& stop) {
  Runtime& runtime = *process.runtime();
  const auto end = runtime.steady_now() + std::chrono::milliseconds{milliseconds};
  runtime.make_event()->wait_until(end, stop);
}

Outcome behave(Process& process, const std::string& behaviour, int amount, Context& context) {
  if (behaviour == "nap") {
    const std::stop_token stop = context.stop_token();
    pass_time(process, amount, stop);
    if (stop.stop_requested()) throw std::runtime_error{"told to stop"};
  } else if (behaviour == "deaf") {
    pass_time(process, 5 * amount, {});
  } else if (behaviour == "flaky") {
    pass_time(process, amount / 10, {});
    if (context.attempt() <= 1 + static_cast<std::uint32_t>(amount % 2)) {
      throw std::runtime_error{"not this time"};
    }
  } else if (behaviour == "crash") {
    if (process.universe().faults.take(Fault::crash)) process.die();
    process.universe().scheduler.leave_if_condemned();
  } else if (behaviour == "doomed") {
    throw std::runtime_error{"never"};
  } else if (behaviour == "cancel") {
    return cancel("it has changed its mind");
  } else if (behaviour == "again") {
    if (context.attempt() == 1) return retry_in(std::chrono::milliseconds{amount}, "once more");
  } else if (behaviour == "snooze") {
    if (!context.parameter<int>("slept")) {
      context.set_parameter("slept", 1);
      return snooze(std::chrono::milliseconds{amount});
    }
  } else if (behaviour == "spawn") {
    for (int i = 0; i <= amount % 2; ++i) context.client().enqueue(act, "quick", i);
    context.log("two more are to come");
  } else if (behaviour == "relay") {
    const auto heard = context.parent_result<int>();
    context.progress(0.5);
    return done(heard.value_or(0) + 1);
  }
  return done(amount);
}

}  // namespace

Handlers handlers_of(Process& process) {
  Handlers handlers;
  handlers.on(act, [&process](const std::string& behaviour, int amount, Context& context) {
    Universe& universe = process.universe();
    universe.scheduler.leave_if_condemned();
    universe.ledger.entered(process, context.job_id(), context.epoch());
    Outcome outcome = behave(process, behaviour, amount, context);
    universe.scheduler.leave_if_condemned();
    universe.ledger.returned(context.job_id(), context.epoch());
    return outcome;
  });
  return handlers;
}

ServerOptions server_options(Chance& chance, Process& process) {
  using std::chrono::milliseconds;
  ServerOptions options;
  options.workers = chance.between(1, 3);
  options.queues = {"default", "bulk"};
  options.name = process.name();
  options.prefetch = chance.between(0, 6);
  options.lease = milliseconds{chance.between(1000, 1500)};
  options.stop_timeout = milliseconds{chance.between(0, 300)};
  options.shutdown_timeout = options.stop_timeout + milliseconds{chance.between(0, 500)};
  options.poll_interval = milliseconds{chance.between(200, 1000)};
  options.retry = {.attempts = 3, .delays = {milliseconds{60}, milliseconds{250}}};
  options.crash_limit = chance.between(0, 3);
  Journal& journal = process.universe().journal;
  options.log = [&journal, &process](LogLevel level, std::string_view line) {
    journal.note(process.name(),
                 [&] { return "[" + std::string{to_string(level)} + "] " + std::string{line}; });
  };
  return options;
}

}  // namespace portfire::simulation
