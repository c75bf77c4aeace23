// Batches: jobs that wait for their members.

#include <utility>

#include "model/continuation.hpp"
#include "storage/memory/moves.hpp"

namespace portfire::memory {
namespace {

bool is_over(const StateRecord& state) { return ends_member(state.kind, state.ending); }

void note(Call& call, const Job& batch) {
  TouchedBatch& touched = call.batches[batch.number];
  touched.batch = batch.id;
  if (call.release == Release::elect) touched.release = Release::elect;
}

// The batch, about to be changed; absent when it is gone, and nobody counts any more.
Job* batch_of(Call& call, const Job& member) {
  if (!member.batch) return nullptr;
  Job* batch = call.data.jobs.find(member.batch);
  if (batch == nullptr) return nullptr;
  keep_image(call, *batch);
  note(call, *batch);
  return batch;
}

bool is_reopened_by_members(const Job& batch) {
  switch (batch.present.kind) {
    case StateKind::parked:
    case StateKind::final: return true;
    case StateKind::timed: return static_cast<bool>(batch.extra->candidate);
    default: return false;
  }
}

void decide(Call& call, Job& batch, Release release) {
  const Members& members = *batch.extra->members;
  const MemberCounts& counts = members.counts;
  if (counts.outstanding == 0 && batch.present.kind == StateKind::waiting) {
    const bool all_succeeded = counts.succeeded == counts.total;
    conclude(call, batch, all_succeeded ? members.all_succeeded : members.all_ended, release);
  } else if (counts.outstanding > 0 && is_reopened_by_members(batch)) {
    State opened = members.opened;
    opened.reason = reasons::reopened;
    move(call, batch, opened);
  }
}

void remove_member(Call& call, Job& member, const Sweep& sweep) {
  if (member.present.kind == StateKind::running) take_away(call, member);
  move(call, member, deleted_with_batch(sweep.retention));
}

}  // namespace

bool takes_members(const Job* job) {
  return job != nullptr && job->extra && job->extra->members &&
         job->present.ending != Ending::deleted;
}

void become_batch(Call& call, Job& job, const NewJob& description) {
  job.extra.make().members.make() = {.opened = description.state,
                                     .all_succeeded = description.when_met,
                                     .all_ended = description.when_unmet};
  note(call, job);
}

void join_batch(Call& call, Job& job, JobId id) {
  job.batch = id;
  MemberCounts& counts = batch_of(call, job)->extra->members->counts;
  ++counts.total;
  ++counts.outstanding;
  call.data.batches.members[id].insert(job.number, job.slot);
}

void count_as_member(Call& call, Job& job) {
  if (!job.batch) return;
  const Ending now = is_over(job.present) ? job.present.ending : Ending::none;
  const Ending before = std::exchange(job.counted_ending, now);
  if (now == before) return;
  Job* batch = batch_of(call, job);
  if (batch == nullptr) return;
  MemberCounts& counts = batch->extra->members->counts;
  if (before == Ending::none) --counts.outstanding;
  if (before == Ending::succeeded) --counts.succeeded;
  if (now == Ending::none) ++counts.outstanding;
  if (now == Ending::succeeded) ++counts.succeeded;
}

void note_deleted_batch(Call& call, const Job& job) {
  if (job.extra && job.extra->members && job.present.ending == Ending::deleted) note(call, job);
}

void leave_batch(Call& call, Job& job) {
  if (!job.batch || job.counted_ending != Ending::none) return;
  if (Job* batch = batch_of(call, job)) --batch->extra->members->counts.outstanding;
}

void forget_membership(Call& call, const Job& job) {
  auto& rows = call.data.batches.members;
  const bool is_batch = job.extra && job.extra->members;
  const auto own = is_batch ? rows.find(job.id) : rows.end();
  if (own != rows.end() && own->second.empty()) rows.erase(own);
  const auto row = job.batch ? rows.find(job.batch) : rows.end();
  if (row == rows.end()) return;
  row->second.remove(job.number);
  if (row->second.empty() && call.data.jobs.find(job.batch) == nullptr) rows.erase(row);
}

void settle_batches(Call& call) {
  while (!call.batches.empty()) {
    const TouchedBatch touched = call.batches.begin()->second;
    call.batches.erase(call.batches.begin());
    Job* batch = call.data.jobs.find(touched.batch);
    if (batch == nullptr) continue;
    call.release = touched.release;  // also of the batches that this one is a member of
    if (batch->present.ending != Ending::deleted) {
      decide(call, *batch, touched.release);
    } else if (!batch->extra->swept) {
      batch->extra->swept = true;
      std::optional<Duration> retention;
      if (batch->expires_at != never) retention = batch->expires_at - batch->present.since;
      call.data.batches.sweeps[batch->number] = {.batch = batch->id, .retention = retention};
      call.news.due();
    }
  }
}

std::size_t sweep_batches(Call& call, std::size_t max) {
  auto& sweeps = call.data.batches.sweeps;
  std::size_t examined = 0;
  std::size_t removed = 0;
  while (!sweeps.empty() && examined < max) {
    Sweep& sweep = sweeps.begin()->second;
    const auto row = call.data.batches.members.find(sweep.batch);
    if (row != call.data.batches.members.end()) {
      row->second.forwards(sweep.after, [&](Slot slot) {
        if (examined == max) return false;
        ++examined;
        Job& member = call.data.jobs.at(slot);
        sweep.after = member.number;
        if (is_over(member.present)) return true;
        remove_member(call, member, sweep);
        ++removed;
        return true;
      });
    }
    if (examined < max) sweeps.erase(sweeps.begin());
  }
  settle_batches(call);
  return removed;
}

}  // namespace portfire::memory
