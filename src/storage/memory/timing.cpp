// What happens because time has passed.

#include <algorithm>
#include <string>
#include <vector>

#include "storage/memory/moves.hpp"
#include "storage/memory/verbs.hpp"

namespace portfire::memory {
namespace {

std::vector<DueTurn> due_jobs(const Call& call, std::size_t max) {
  std::vector<DueTurn> due;
  for (const StateName& name : call.data.state_names.all()) {
    std::size_t taken = 0;
    for (const DueTurn& turn : name.timed) {
      if (turn.due_at > call.now || taken == max) break;
      due.push_back(turn);
      ++taken;
    }
  }
  std::sort(due.begin(), due.end());
  due.resize(std::min(due.size(), max));
  return due;
}

std::optional<Duration> time_to_next_due(const Call& call) {
  if (!call.data.batches.sweeps.empty()) return Duration::zero();
  std::optional<Duration> next;
  for (const StateName& name : call.data.state_names.all()) {
    if (name.timed.empty()) continue;
    const Duration left = std::max(name.timed.begin()->due_at - call.now, Duration::zero());
    next = std::min(next.value_or(left), left);
  }
  return next;
}

State candidate_of(const Job& job) {
  if (job.extra && job.extra->candidate) return *job.extra->candidate;
  return states::enqueued(std::string{reasons::due});
}

DueJob due_job_of(const Job& job) {
  return {.job = job.id,
          .name = job.name,
          .queue = job.queue->name,
          .current = {.name = job.present.name->text,
                      .kind = job.present.kind,
                      .ending = job.present.ending,
                      .reason = job.present.reason(),
                      .data = job.present.data(),
                      .due_at = job.due_at},
          .candidate = candidate_of(job)};
}

void forget_the_past(Call& call) {
  call.data.units.forget_before(call.now - UnitMemory::kept);
  call.data.hours.forget_before(call.now - Hours::kept);
  call.data.keys.forget_windows_before(call.now);
}

}  // namespace

PromoteResult promote(Call& call, const PromoteRequest& request) {
  PromoteResult result;
  for (const DueTurn& turn : due_jobs(call, request.max)) {
    Job& job = call.data.jobs.at(turn.slot);
    if (request.elect) {
      result.elect.push_back(due_job_of(job));
    } else {
      move(call, job, candidate_of(job));
      ++result.promoted;
    }
  }
  settle_batches(call);
  settle_limits(call);
  result.promoted += sweep_batches(call, request.max);
  settle_limits(call);
  result.next_due_in = time_to_next_due(call);
  return result;
}

ExpireResult expire(Call& call, std::size_t max) {
  ExpireResult result;
  while (result.removed < max) {
    const auto entry = call.data.expiries.take(call.now);
    if (!entry) break;
    Job& job = call.data.jobs.at(entry->slot);
    if (job.number != entry->number || job.expires_at != entry->at) continue;
    settle(call, job, Ending::deleted, Release::straight);
    leave_batch(call, job);
    job.expires_at = never;
    remove_job(call, job);
    ++result.removed;
  }
  settle_batches(call);
  settle_limits(call);
  result.more = result.removed == max;
  forget_the_past(call);
  return result;
}

}  // namespace portfire::memory
