#include "server/delayed_scheduler.hpp"

#include <algorithm>

namespace portfire::server {

Duration DelayedScheduler::run_once(ProcessContext& context) {
  constexpr std::size_t most_per_step = 1000;
  const bool elects = handlers_.elects_released_jobs();
  PromoteResult result;
  do {
    result = context.storage.jobs().promote({.max = most_per_step, .elect = elects});
    for (const DueJob& due : result.elect) elect(due, context);
  } while (!context.stop.stop_requested() &&
           (result.promoted == most_per_step || !result.elect.empty()));
  // However far off: another server's jobs are announced by a wake-up, which may be lost.
  return std::min(result.next_due_in.value_or(poll_interval_), poll_interval_);
}

void DelayedScheduler::elect(const DueJob& due, ProcessContext& context) const {
  const auto job = context.storage.monitoring().job(due.job);
  if (!job) return;
  const BoundHandler* handler = handlers_.find(due.name);
  const FilterChain& filters = handler == nullptr ? filters_ : handler->filters;
  const JobFacts facts{.id = due.job,
                       .name = due.name,
                       .queue = due.queue,
                       .arguments = job->arguments,
                       .current_state = due.current.name,
                       .attempt = job->attempt,
                       .parameters = job->parameters,
                       .attempts_limit = handler == nullptr ? unset : handler->handler->attempts};
  Election election{.job = facts, .candidate = due.candidate};
  filters.electing(election);
  Unit unit{.id = ids_.next<UnitId>()};
  unit.transitions.push_back({.job = due.job,
                              .expected_state = due.current.name,
                              .state = std::move(election.candidate),
                              .elected_away = std::move(election.replaced),
                              .parameters = std::move(election.parameters),
                              .attempt = election.attempt,
                              .release = Release::elect});
  filters.applying(facts, unit.transitions.front());
  // A conflict means that another scheduler, or somebody by hand, was faster.
  const CommitResult result = context.storage.jobs().commit({&unit, 1}).front();
  filters.applied({.job = facts, .transition = unit.transitions.front(), .result = result});
}

}  // namespace portfire::server
