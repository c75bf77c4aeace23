#pragma once

// Jobs in a row: ascending by a number, most often joined at the end and left at the front.

#include <cstddef>
#include <cstdint>
#include <deque>

namespace portfire::memory {

// Where a job lives in the job table, from 1; 0 is nowhere.
using Slot = std::uint32_t;

// Joining at the end and leaving at the front cost O(1) and no allocation of their own; elsewhere a
// binary search is added. Whoever leaves from the middle leaves a gap behind, and the row closes up
// when gaps are the majority. Not synchronised.
class Line {
 public:
  struct Entry {
    std::uint64_t order;
    Slot slot;  // 0: a gap
  };

  // Adds a job at its place; nobody with that number may be in the row.
  void insert(std::uint64_t order, Slot slot);

  // Takes the job with this number, which must be there, out of the row.
  void remove(std::uint64_t order);

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size() - gaps_; }

  // The first one; the row must not be empty.
  [[nodiscard]] const Entry& front() const { return entries_.front(); }

  // Walks towards the end, beginning with the first number above `after`. Good until the row
  // changes.
  class Reader {
   public:
    Reader(const Line& line, std::uint64_t after);
    [[nodiscard]] bool done() const { return index_ == line_->entries_.size(); }
    [[nodiscard]] const Entry& entry() const { return line_->entries_[index_]; }
    void next();

   private:
    void skip_gaps();
    const Line* line_;
    std::size_t index_;
  };

  // Hands over those with a number below `before`, backwards, until `visit(slot)` returns false.
  template <class Visit>
  bool backwards(std::uint64_t before, Visit visit) const {
    for (std::size_t index = first_from(before); index-- > 0;) {
      if (entries_[index].slot != 0 && !visit(entries_[index].slot)) return false;
    }
    return true;
  }

  // Hands over those with a number above `after` until `visit(slot)` returns false.
  template <class Visit>
  bool forwards(std::uint64_t after, Visit visit) const {
    for (Reader reader{*this, after}; !reader.done(); reader.next()) {
      if (!visit(reader.entry().slot)) return false;
    }
    return true;
  }

 private:
  // The index of the first entry whose number is not below `order`.
  [[nodiscard]] std::size_t first_from(std::uint64_t order) const;
  void close_up();

  // Neither the first nor the last entry is a gap.
  std::deque<Entry> entries_;
  std::size_t gaps_ = 0;
};

}  // namespace portfire::memory
