#pragma once

// What this process has claimed, so that finishing a job reads nothing before it writes.
//
// A copy, never the truth: every write is guarded by epoch and marks in the file, and what is
// missing here is read from there. Changes of a transaction count from its commit on.

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <portfire/id.hpp>

namespace portfire::sqlite {

class Database;

struct HeldJob {
  std::int64_t key = 0;  // 0: an empty slot of the table
  JobId id;
  std::uint64_t epoch = 0;
  std::int64_t server = 0;
  std::int64_t token = 0;
  std::int64_t lane = 0;
  std::int64_t state = 0;
  std::int64_t marks = 0;
  std::int64_t batch = 0;  // of members, by key; 0: not known here, or none
  bool ended = false;      // by the present transaction
};

// Open addressing, because a node per job would cost as much as a statement's binding.
class HeldTable {
 public:
  [[nodiscard]] HeldJob* find(std::int64_t key);
  void insert(const HeldJob& job);  // replaces
  void reserve(std::size_t more);   // so many insertions will need no memory
  void erase(std::int64_t key);
  [[nodiscard]] std::size_t size() const { return size_; }

  template <class Predicate>
  void erase_if(Predicate&& predicate) {
    std::vector<std::int64_t> keys;
    for (const HeldJob& slot : slots_) {
      if (slot.key != 0 && predicate(slot)) keys.push_back(slot.key);
    }
    for (const std::int64_t key : keys) erase(key);
  }

 private:
  [[nodiscard]] std::size_t home(std::int64_t key) const;
  void grow();

  std::vector<HeldJob> slots_;
  std::size_t size_ = 0;
};

// Threads: one at a time.
class HeldJobs {
 public:
  [[nodiscard]] HeldJob* find(std::int64_t key) { return table_.find(key); }

  // In a transaction: a claim took this job, or the job is not held any more.
  void claimed(const HeldJob& job);
  void ended(std::int64_t key);
  void ended(HeldJob& job);  // one that `find` has found

  // Removes the rows of claims of which nothing is held any more.
  void flush(Database& database);
  void committed() noexcept;  // after `flush`
  void rolled_back();
  void forget_server(std::int64_t server);

  [[nodiscard]] std::size_t mark() const { return ended_.size(); }
  void restore(std::size_t mark);

 private:
  using ClaimKey = std::pair<std::int64_t, std::int64_t>;  // server, token

  HeldTable table_;
  std::map<ClaimKey, std::size_t> open_claims_;  // jobs still held of each
  std::vector<HeldJob> claimed_;                 // by the present transaction
  struct Ended {
    std::int64_t key;
    ClaimKey claim;
  };
  std::vector<Ended> ended_;  // by the present transaction
};

}  // namespace portfire::sqlite
