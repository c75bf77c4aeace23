#include "storage/memory/line.hpp"

#include <algorithm>
#include <limits>

namespace portfire::memory {

std::size_t Line::first_from(std::uint64_t order) const {
  const auto precedes = [](const Entry& entry, std::uint64_t wanted) {
    return entry.order < wanted;
  };
  if (entries_.empty() || order <= entries_.front().order) return 0;
  // Numbers ascend strictly, so none stands further back than its distance from the first one.
  // Jobs that were claimed or finished together are neighbours: then this guess is the answer.
  const std::uint64_t distance = order - entries_.front().order;
  auto last = entries_.end();
  if (distance < entries_.size()) {
    const auto guess = static_cast<std::size_t>(distance);
    if (entries_[guess].order == order) return guess;
    last = entries_.begin() + static_cast<std::ptrdiff_t>(guess);
  }
  const auto found = std::lower_bound(entries_.begin(), last, order, precedes);
  return static_cast<std::size_t>(found - entries_.begin());
}

void Line::insert(std::uint64_t order, Slot slot) {
  if (entries_.empty() || entries_.back().order < order) {
    entries_.push_back({order, slot});
    return;
  }
  const std::size_t index = first_from(order);
  if (entries_[index].order == order) {
    entries_[index].slot = slot;
    --gaps_;
  } else {
    entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(index), {order, slot});
  }
}

void Line::remove(std::uint64_t order) {
  entries_[first_from(order)].slot = 0;
  ++gaps_;
  while (!entries_.empty() && entries_.front().slot == 0) {
    entries_.pop_front();
    --gaps_;
  }
  while (!entries_.empty() && entries_.back().slot == 0) {
    entries_.pop_back();
    --gaps_;
  }
  close_up();
}

void Line::close_up() {
  constexpr std::size_t tolerated = 64;
  if (gaps_ < tolerated || gaps_ < entries_.size() / 2) return;
  std::erase_if(entries_, [](const Entry& entry) { return entry.slot == 0; });
  gaps_ = 0;
}

Line::Reader::Reader(const Line& line, std::uint64_t after)
    : line_{&line},
      index_{after == std::numeric_limits<std::uint64_t>::max() ? line.entries_.size()
                                                                : line.first_from(after + 1)} {
  skip_gaps();
}

void Line::Reader::next() {
  ++index_;
  skip_gaps();
}

void Line::Reader::skip_gaps() {
  while (!done() && entry().slot == 0) ++index_;
}

}  // namespace portfire::memory
