#include "storage/memory/retention.hpp"

#include <algorithm>

namespace portfire::memory {

void ExpiryQueue::add(const Entry& entry) {
  heap_.push_back(entry);
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>{});
}

void ExpiryQueue::outdate(const std::function<bool(const Entry&)>& is_true) {
  constexpr std::size_t tolerated = 1024;
  ++outdated_;
  if (outdated_ < tolerated || outdated_ < heap_.size() / 2) return;
  std::erase_if(heap_, [&](const Entry& entry) { return !is_true(entry); });
  std::make_heap(heap_.begin(), heap_.end(), std::greater<>{});
  outdated_ = 0;
}

std::optional<ExpiryQueue::Entry> ExpiryQueue::take(TimePoint now) {
  if (heap_.empty() || heap_.front().at > now) return std::nullopt;
  std::pop_heap(heap_.begin(), heap_.end(), std::greater<>{});
  const Entry earliest = heap_.back();
  heap_.pop_back();
  return earliest;
}

std::vector<CommitResult::Existing> UnitMemory::existing(UnitId unit) const {
  const auto found = existing_.find(unit);
  return found == existing_.end() ? std::vector<CommitResult::Existing>{} : found->second;
}

void UnitMemory::remember(UnitId unit, TimePoint now,
                          const std::vector<CommitResult::Existing>& existing) {
  if (!unit) return;
  units_.insert(unit, !existing.empty());
  by_time_.emplace_back(now, unit);
  if (!existing.empty()) existing_.emplace(unit, existing);
}

void UnitMemory::forget_before(TimePoint instant) {
  while (!by_time_.empty() && by_time_.front().first < instant) {
    const UnitId unit = by_time_.front().second;
    units_.erase(unit);
    existing_.erase(unit);
    by_time_.pop_front();
  }
}

}  // namespace portfire::memory
