#include "storage/memory/indexes.hpp"

namespace portfire::memory {
namespace {

Line& row_of(const Job& job) {
  StateName& name = *job.present.name;
  switch (job.present.kind) {
    case StateKind::waiting: return name.waiting;
    case StateKind::parked: return name.parked;
    default: return name.final;
  }
}

const std::string* lane_of(const Job& job) { return job.no_handler ? &job.name : nullptr; }

}  // namespace

void attach(Data& data, Job& job) {
  ++number_at(job.queue->live, job.present.name->index);
  attach_to_limit(data, job);
  switch (job.present.kind) {
    case StateKind::ready:
      job.queue->join({job.priority, job.position}, job.slot, job.suspect, lane_of(job));
      return;
    case StateKind::timed:
      job.present.name->timed.insert({job.due_at, job.number, job.slot});
      return;
    case StateKind::running:
      job.holder->held.insert(job.step, job.slot);
      if (job.suspect) ++job.holder->suspects;
      ++job.queue->running;
      return;
    case StateKind::waiting:
    case StateKind::parked:
    case StateKind::final:
      row_of(job).insert(job.step, job.slot);
      if (job.expires_at != never) data.expiries.add({job.expires_at, job.number, job.slot});
      return;
  }
}

void detach(Data& data, Job& job) {
  --number_at(job.queue->live, job.present.name->index);
  detach_from_limit(data, job);
  switch (job.present.kind) {
    case StateKind::ready:
      job.queue->leave({job.priority, job.position}, job.suspect, lane_of(job));
      return;
    case StateKind::timed:
      job.present.name->timed.erase({job.due_at, job.number, job.slot});
      return;
    case StateKind::running:
      job.holder->held.remove(job.step);
      if (job.suspect) --job.holder->suspects;
      --job.queue->running;
      return;
    case StateKind::waiting:
    case StateKind::parked:
    case StateKind::final:
      row_of(job).remove(job.step);
      if (job.expires_at != never) {
        data.expiries.outdate([&](const ExpiryQueue::Entry& entry) {
          const Job& other = data.jobs.at(entry.slot);
          return other.number == entry.number && other.expires_at == entry.at && &other != &job;
        });
      }
      return;
  }
}

}  // namespace portfire::memory
