#pragma once

// All jobs, by slot and by id.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "storage/memory/id_map.hpp"
#include "storage/memory/job.hpp"

namespace portfire::memory {

// Jobs do not move while they exist; slots of removed jobs are used again. Not synchronised.
class JobTable {
 public:
  // Null when there is no such job. A locator, where one is given, saves the search.
  [[nodiscard]] Job* find(JobId id, std::int64_t locator = 0);
  [[nodiscard]] bool has(JobId id) const { return slots_.find(id) != nullptr; }
  [[nodiscard]] Job& at(Slot slot) {
    return (*blocks_[(slot - 1) / block_size])[(slot - 1) % block_size];
  }

  [[nodiscard]] std::size_t size() const { return slots_.size(); }

  // A new job with this id, which must not be nil; null when it is taken.
  [[nodiscard]] Job* create(JobId id);
  void remove(Job& job);

 private:
  static constexpr Slot block_size = 128;
  using Block = std::array<Job, block_size>;

  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<Slot> free_;
  IdMap<JobId, Slot> slots_;
};

}  // namespace portfire::memory
