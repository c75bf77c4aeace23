#include "storage/memory/numbers.hpp"

namespace portfire::memory {

StateName& StateNames::of(std::string_view text) {
  if (StateName* found = find(text)) return *found;
  StateName& made =
      names_.emplace_back(std::string{text}, static_cast<std::uint32_t>(names_.size()));
  by_text_.emplace(made.text, &made);
  return made;
}

StateName* StateNames::find(std::string_view text) {
  const auto found = by_text_.find(text);
  return found == by_text_.end() ? nullptr : found->second;
}

std::uint64_t& Hours::count(TimePoint at, const StateName& state) {
  const TimePoint hour = std::chrono::floor<std::chrono::hours>(at);
  // Nearly always the latest one.
  if (hours_.empty() || hours_.rbegin()->first != hour) hours_.try_emplace(hour);
  const auto latest = std::prev(hours_.end());
  auto& counts = latest->first == hour ? latest->second : hours_.find(hour)->second;
  return number_at(counts, state.index);
}

void Hours::forget_before(TimePoint instant) {
  hours_.erase(hours_.begin(), hours_.lower_bound(instant));
}

std::uint64_t& number_at(std::vector<std::uint64_t>& numbers, std::size_t index) {
  if (numbers.size() <= index) numbers.resize(index + 1);
  return numbers[index];
}

}  // namespace portfire::memory
