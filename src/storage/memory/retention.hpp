#pragma once

// What is removed when, and what is remembered until when.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/storage/unit.hpp>
#include <portfire/time.hpp>

#include "storage/memory/id_map.hpp"
#include "storage/memory/line.hpp"

namespace portfire::memory {

// When jobs expire. Entries of jobs that have left that state stay until their time or the next
// clean-up; whoever takes one looks whether it is still true.
class ExpiryQueue {
 public:
  struct Entry {
    TimePoint at;
    std::uint64_t number = 0;  // of the job
    Slot slot = 0;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };

  void add(const Entry& entry);

  // One of the entries is no longer true. Asks `is_true` about all when most are not.
  void outdate(const std::function<bool(const Entry&)>& is_true);

  // The earliest, if it is not later than `now`; and off the queue with it.
  std::optional<Entry> take(TimePoint now);

 private:
  // A binary heap, the earliest first: times that ascend, as they nearly do, cost O(1) to add.
  std::vector<Entry> heap_;
  std::size_t outdated_ = 0;
};

// Units that are recognised when they come again.
class UnitMemory {
 public:
  // At least what the contract promises.
  static constexpr Duration kept = std::chrono::hours{1};

  [[nodiscard]] bool knows(UnitId unit) const { return units_.find(unit) != nullptr; }
  // The creations that were left out of a known unit.
  [[nodiscard]] std::vector<CommitResult::Existing> existing(UnitId unit) const;

  void remember(UnitId unit, TimePoint now, const std::vector<CommitResult::Existing>& existing);
  void forget_before(TimePoint instant);

 private:
  IdMap<UnitId, bool> units_;  // whether it is in existing_
  std::map<UnitId, std::vector<CommitResult::Existing>> existing_;
  std::deque<std::pair<TimePoint, UnitId>> by_time_;
};

}  // namespace portfire::memory
