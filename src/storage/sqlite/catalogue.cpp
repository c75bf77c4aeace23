#include "storage/sqlite/catalogue.hpp"

#include <algorithm>
#include <utility>

#include "storage/sqlite/database.hpp"
#include "storage/sqlite/errors.hpp"

namespace portfire::sqlite {

namespace {

// Entries are in order of their numbers, nearly always without a gap: look where it should be
// first.
template <class Entries>
auto find_entry(const Entries& entries, std::int64_t number) {
  const std::int64_t first = entries.empty() ? 0 : entries.front().number;
  const std::int64_t guess = number - first;
  if (guess >= 0 && guess < static_cast<std::int64_t>(entries.size())) {
    const auto at = entries.begin() + guess;
    if (at->number == number) return at;
  }
  const auto at =
      std::ranges::lower_bound(entries, number, {}, [](const auto& entry) { return entry.number; });
  return at != entries.end() && at->number == number ? at : entries.end();
}

template <class Entries>
std::int64_t last_number(const Entries& entries) {
  return entries.empty() ? 0 : entries.back().number;
}

}  // namespace

std::int64_t to_stored(StateKind kind) {
  switch (kind) {
    case StateKind::ready: return 2;
    case StateKind::timed: return 3;
    case StateKind::running: return 4;
    case StateKind::waiting: return 5;
    case StateKind::parked: return 6;
    case StateKind::final: return 7;
  }
  return 7;
}

StateKind kind_from_stored(std::int64_t stored) {
  constexpr StateKind kinds[] = {StateKind::ready,   StateKind::timed,  StateKind::running,
                                 StateKind::waiting, StateKind::parked, StateKind::final};
  return stored >= 2 && stored <= 7 ? kinds[stored - 2] : StateKind::final;
}

void Catalogue::refresh() {
  Rows names = database_.rows(Query::names_after, last_number(names_));
  while (names.next()) add(NameEntry{names.number(0), std::string{names.text(1)}});
  Rows states = database_.rows(Query::states_after, last_number(states_));
  while (states.next()) {
    add(StateEntry{states.number(0), states.number(1), kind_from_stored(states.number(2)),
                   states.number<Ending>(3)});
  }
  Rows lanes = database_.rows(Query::lanes_after, last_number(lanes_));
  while (lanes.next()) {
    add(LaneEntry{lanes.number(0), lanes.number(1), lanes.number(2), lanes.number(3) != 0});
  }
}

std::int64_t Catalogue::find_name(std::string_view text) const {
  const auto found = number_by_text_.find(text);
  return found != number_by_text_.end() ? found->second : 0;
}

std::int64_t Catalogue::name(std::string_view text) {
  if (const std::int64_t known = find_name(text); known != 0) return known;
  const std::int64_t number = last_number(names_) + 1;
  database_.run(Query::add_name, number, text);
  add(NameEntry{number, std::string{text}});
  return number;
}

std::int64_t Catalogue::state(std::string_view name_text, StateKind kind, Ending ending) {
  const std::int64_t name_number = name(name_text);
  const auto found = number_by_state_.find({name_number, kind, ending});
  if (found != number_by_state_.end()) return found->second;
  const StateEntry entry{last_number(states_) + 1, name_number, kind, ending};
  database_.run(Query::add_state, entry.number, entry.name, to_stored(kind), ending);
  add(entry);
  return entry.number;
}

std::int64_t Catalogue::lane(std::int64_t queue, std::int64_t handler, bool suspect) {
  const auto found = number_by_lane_.find({queue, handler, suspect});
  if (found != number_by_lane_.end()) return found->second;
  const LaneEntry entry{last_number(lanes_) + 1, queue, handler, suspect};
  database_.run(Query::add_lane, entry.number, queue, handler, suspect);
  add(entry);
  return entry.number;
}

const std::string& Catalogue::text(std::int64_t name) const {
  const auto found = find_entry(names_, name);
  if (found == names_.end()) unknown("name");
  return found->text;
}

const StateEntry& Catalogue::state(std::int64_t number) const {
  const auto found = find_entry(states_, number);
  if (found == states_.end()) unknown("state");
  return *found;
}

const LaneEntry& Catalogue::lane(std::int64_t number) const {
  const auto found = find_entry(lanes_, number);
  if (found == lanes_.end()) unknown("lane");
  return *found;
}

std::vector<LaneEntry> Catalogue::lanes_of(std::int64_t queue) const {
  std::vector<LaneEntry> lanes;
  // The map is ordered by queue first.
  for (auto at = number_by_lane_.lower_bound({queue, 0, false});
       at != number_by_lane_.end() && std::get<0>(at->first) == queue; ++at) {
    lanes.push_back(lane(at->second));
  }
  return lanes;
}

void Catalogue::restore(const Mark& mark) {
  while (names_.size() > mark.names) {
    number_by_text_.erase(names_.back().text);
    names_.pop_back();
  }
  while (states_.size() > mark.states) {
    const StateEntry& entry = states_.back();
    number_by_state_.erase({entry.name, entry.kind, entry.ending});
    states_.pop_back();
  }
  while (lanes_.size() > mark.lanes) {
    const LaneEntry& entry = lanes_.back();
    number_by_lane_.erase({entry.queue, entry.handler, entry.suspect});
    lanes_.pop_back();
  }
}

void Catalogue::add(NameEntry entry) {
  names_.push_back(std::move(entry));
  number_by_text_.emplace(names_.back().text, names_.back().number);
}

void Catalogue::add(const StateEntry& entry) {
  states_.push_back(entry);
  number_by_state_.emplace(StateKey{entry.name, entry.kind, entry.ending}, entry.number);
}

void Catalogue::add(const LaneEntry& entry) {
  lanes_.push_back(entry);
  number_by_lane_.emplace(LaneKey{entry.queue, entry.handler, entry.suspect}, entry.number);
}

void Catalogue::unknown(const char* what) const {
  throw_unusable(database_.file(), "read",
                 std::string{"is damaged: a job refers to a "} + what +
                     " that does not exist; restore it from a backup");
}

}  // namespace portfire::sqlite
