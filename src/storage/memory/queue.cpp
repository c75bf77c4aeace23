#include "storage/memory/queue.hpp"

#include <algorithm>

namespace portfire::memory {

void PriorityLine::remove(Turn turn) { lines_.find(turn.priority)->second.remove(turn.position); }

bool PriorityLine::empty() const {
  return std::all_of(lines_.begin(), lines_.end(),
                     [](const auto& level) { return level.second.empty(); });
}

PriorityLine::Reader::Reader(const PriorityLine& line, const std::optional<Turn>& after)
    : level_{after ? line.lines_.lower_bound(after->priority) : line.lines_.begin()},
      end_{line.lines_.end()} {
  if (after && level_ != end_ && level_->first == after->priority) {
    reader_.emplace(level_->second, after->position);
    if (!reader_->done()) return;
    ++level_;
  }
  find_occupied();
}

void PriorityLine::Reader::find_occupied() {
  reader_.reset();
  while (level_ != end_ && level_->second.empty()) ++level_;
  if (level_ != end_) reader_.emplace(level_->second, 0);
}

void PriorityLine::Reader::next() {
  reader_->next();
  if (!reader_->done()) return;
  ++level_;
  find_occupied();
}

void MergedReader::add(const PriorityLine& line, const std::optional<Turn>& after) {
  const PriorityLine::Reader reader{line, after};
  if (reader.done()) return;
  readers_.push_back(reader);
  choose();
}

void MergedReader::next() {
  readers_[best_].next();
  if (readers_[best_].done()) {
    readers_.erase(readers_.begin() + static_cast<std::ptrdiff_t>(best_));
  }
  choose();
}

void MergedReader::choose() {
  best_ = 0;
  for (std::size_t index = 1; index < readers_.size(); ++index) {
    if (readers_[index].turn().before(readers_[best_].turn())) best_ = index;
  }
}

void Queue::join(Turn turn, Slot slot, bool suspect, const std::string* job_name) {
  Lane& lane = job_name != nullptr ? named[*job_name] : plain;
  lane.line(suspect).insert(turn, slot);
  ++ready;
  if (job_name != nullptr) ++no_handler;
}

void Queue::leave(Turn turn, bool suspect, const std::string* job_name) {
  --ready;
  if (job_name == nullptr) {
    plain.line(suspect).remove(turn);
    return;
  }
  --no_handler;
  const auto lane = named.find(*job_name);
  lane->second.line(suspect).remove(turn);
  if (lane->second.empty()) named.erase(lane);
}

MergedReader Queue::read(const std::optional<Turn>& after) const {
  MergedReader merged;
  const auto add = [&](const Lane& lane) {
    merged.add(lane.calm, after);
    merged.add(lane.suspect, after);
  };
  add(plain);
  for (const auto& [job_name, lane] : named) add(lane);
  return merged;
}

}  // namespace portfire::memory
