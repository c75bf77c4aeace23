#include "storage/memory/job_table.hpp"

namespace portfire::memory {

Job* JobTable::find(JobId id, std::int64_t locator) {
  if (locator > 0 && static_cast<std::uint64_t>(locator) <= blocks_.size() * block_size) {
    Job& job = at(static_cast<Slot>(locator));
    if (job.id == id) return &job;
  }
  const Slot* slot = slots_.find(id);
  return slot == nullptr ? nullptr : &at(*slot);
}

Job* JobTable::create(JobId id) {
  if (free_.empty()) {
    const auto before = static_cast<Slot>(blocks_.size() * block_size);
    blocks_.push_back(std::make_unique_for_overwrite<Block>());
    // The lowest is taken first: jobs created together are neighbours.
    for (Slot slot = before + block_size; slot > before; --slot) free_.push_back(slot);
  }
  const Slot slot = free_.back();
  if (!slots_.insert(id, slot)) return nullptr;
  free_.pop_back();
  Job& job = at(slot);
  job.id = id;
  job.slot = slot;
  return &job;
}

void JobTable::remove(Job& job) {
  slots_.erase(job.id);
  free_.push_back(job.slot);
  job = Job{};
}

}  // namespace portfire::memory
