#include "bench/recurring.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <portfire/error.hpp>
#include <portfire/handlers.hpp>
#include <portfire/recurring.hpp>
#include <portfire/server.hpp>

#include "bench/counting.hpp"
#include "bench/crowd.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

constexpr std::chrono::seconds interval{100};
// What fell due while the definitions were added is over by then.
constexpr std::chrono::seconds catching_up{5};

void add_definitions(const std::shared_ptr<Storage>& storage, const Plan& plan) {
  constexpr std::size_t callers = 8;
  RecurringJobs recurring{storage, {.log = plan.log}};
  const auto add = [&](std::size_t number) {
    const Duration offset = Duration{interval} * static_cast<std::int64_t>(number) /
                            static_cast<std::int64_t>(plan.definitions);
    recurring.add_or_update(no_op, "bench-" + std::to_string(number),
                            every(interval, TimePoint{offset}), RecurringOptions{},
                            static_cast<std::int64_t>(number), ballast);
    if (number % bulk_size == 0) plan.progress("definitions", number, plan.definitions);
  };
  crowd_through(*storage->runtime(), plan.definitions, {callers, add});
}

class Arrivals {
 public:
  Arrivals(TimePoint from, TimePoint to) : from_{from}, to_{to} {}

  void note(TimePoint occurrence, TimePoint now) {
    if (occurrence < from_ || occurrence >= to_) return;
    const std::chrono::duration<double, std::milli> late = now - occurrence;
    const std::lock_guard lock{mutex_};
    late_ms_.push_back(late.count());
    last_ = now;
  }

  [[nodiscard]] std::size_t count() const {
    const std::lock_guard lock{mutex_};
    return late_ms_.size();
  }

  [[nodiscard]] Punctuality summary(double due) const {
    const std::lock_guard lock{mutex_};
    if (late_ms_.empty()) throw StorageError{"no recurring job has run", {.operation = "bench"}};
    const std::chrono::duration<double> asked = to_ - from_;
    const std::chrono::duration<double> took = std::max(last_, to_) - from_;
    return {.due_per_s = due / asked.count(),
            .run_per_s = static_cast<double>(late_ms_.size()) / took.count(),
            .late = percentiles_of(late_ms_)};
  }

 private:
  const TimePoint from_;
  const TimePoint to_;
  mutable std::mutex mutex_;
  std::vector<double> late_ms_;  // guarded by mutex_
  TimePoint last_;               // guarded by mutex_
};

}  // namespace

Punctuality recurring_punctuality(Scratch& scratch, const Plan& plan) {
  const auto storage = scratch.open();
  add_definitions(storage, plan);
  Runtime& runtime = *storage->runtime();
  const TimePoint from = runtime.now() + catching_up;
  Arrivals arrivals{from, from + plan.recurring};
  const auto due = static_cast<std::size_t>(static_cast<std::int64_t>(plan.definitions) *
                                            plan.recurring / interval);
  Handlers handlers;
  handlers.on(no_op, [&](std::int64_t, const std::string&, Context& context) {
    const auto text = context.parameter<std::string>("portfire.occurrence");
    const auto occurrence = text ? parse_time(*text) : std::nullopt;
    if (occurrence) arrivals.note(*occurrence, runtime.now());
  });
  Server server{storage, handlers, {.workers = plan.workers, .log = plan.log}};
  server.start();
  const auto never_set = runtime.make_event();
  Patience patience{runtime};
  while (runtime.now() < from + plan.recurring || arrivals.count() < due) {
    never_set->wait_until(runtime.steady_now() + std::chrono::milliseconds{100}, {});
    patience.look(arrivals.count());
    plan.progress("recurring", arrivals.count(), due);
  }
  server.stop();
  return arrivals.summary(static_cast<double>(due));
}

}  // namespace portfire::bench
