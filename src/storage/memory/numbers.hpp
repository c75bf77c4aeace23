#pragma once

// The names of states, what is counted under them, and the rows of jobs that are in them.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/time.hpp>

#include "storage/memory/line.hpp"

namespace portfire::memory {

// A place in the order of falling due; jobs due at the same instant follow in order of creation.
struct DueTurn {
  TimePoint due_at;
  std::uint64_t number = 0;
  Slot slot = 0;
  friend auto operator<=>(const DueTurn&, const DueTurn&) = default;
};

// One name that jobs' states have or had, with the jobs of all kinds but *ready* (their queues have
// those) and *running* (their servers have those).
struct StateName {
  StateName(std::string its_text, std::uint32_t its_index)
      : text{std::move(its_text)}, index{its_index} {}

  const std::string text;
  const std::uint32_t index;  // counts names
  std::uint64_t entered = 0;  // times ever
  std::set<DueTurn> timed;
  Line waiting;  // by step, as the next two
  Line parked;
  Line final;
};

// Names are never forgotten: an application has a handful. References stay good.
class StateNames {
 public:
  // The record of a name, made at its first use.
  StateName& of(std::string_view text);
  [[nodiscard]] StateName* find(std::string_view text);
  [[nodiscard]] std::deque<StateName>& all() { return names_; }
  [[nodiscard]] const std::deque<StateName>& all() const { return names_; }

 private:
  std::deque<StateName> names_;
  std::map<std::string_view, StateName*> by_text_;
};

// Counts per hour and state.
class Hours {
 public:
  static constexpr Duration kept = std::chrono::days{32};

  void add(TimePoint at, const StateName& state) { ++count(at, state); }
  void take_back(TimePoint at, const StateName& state) { --count(at, state); }
  void forget_before(TimePoint instant);

  // By hour, the counts by the index of their state.
  [[nodiscard]] const std::map<TimePoint, std::vector<std::uint64_t>>& all() const {
    return hours_;
  }

 private:
  std::uint64_t& count(TimePoint at, const StateName& state);

  std::map<TimePoint, std::vector<std::uint64_t>> hours_;
};

// Raises the number at an index of a list that grows as needed.
std::uint64_t& number_at(std::vector<std::uint64_t>& numbers, std::size_t index);

}  // namespace portfire::memory
