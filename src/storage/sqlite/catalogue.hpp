#pragma once

// The small integers that stand for names, states and lanes, kept in memory. Rows of these tables
// are only ever added, so what is known stays true; `refresh` reads what other processes have
// added.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include <portfire/state.hpp>

namespace portfire::sqlite {

class Database;

// `StateKind` as stored, see the schema.
std::int64_t to_stored(StateKind kind);
StateKind kind_from_stored(std::int64_t stored);

// Numbers that the schema gives.
namespace numbers {
inline constexpr std::int64_t enqueued = 2;    // state and name
inline constexpr std::int64_t processing = 4;  // state and name
inline constexpr std::int64_t created = 9;     // name
}  // namespace numbers

struct StateEntry {
  std::int64_t number = 0;
  std::int64_t name = 0;
  StateKind kind = StateKind::ready;
  Ending ending = Ending::none;
};

struct LaneEntry {
  std::int64_t number = 0;
  std::int64_t queue = 0;
  std::int64_t handler = 0;  // 0: for any server
  bool suspect = false;
};

// Threads: one at a time, with its connection.
class Catalogue {
 public:
  explicit Catalogue(Database& database) : database_{database} {}

  // Reads what has been added since.
  void refresh();

  // Numbers of what exists; 0 for what does not.
  [[nodiscard]] std::int64_t find_name(std::string_view text) const;
  // Numbers, given where there is none yet. In a write transaction only.
  std::int64_t name(std::string_view text);
  std::int64_t state(std::string_view name, StateKind kind, Ending ending);
  std::int64_t lane(std::int64_t queue, std::int64_t handler, bool suspect);

  // By number. Unknown numbers cannot come from an intact file; they throw `StorageError`.
  const std::string& text(std::int64_t name) const;
  const StateEntry& state(std::int64_t number) const;
  const LaneEntry& lane(std::int64_t number) const;
  const std::string& state_name(std::int64_t state_number) const {
    return text(state(state_number).name);
  }
  const std::string& queue_of(std::int64_t lane_number) const {
    return text(lane(lane_number).queue);
  }

  [[nodiscard]] const std::deque<StateEntry>& states() const { return states_; }
  // The lanes of a queue, by number of its name.
  [[nodiscard]] std::vector<LaneEntry> lanes_of(std::int64_t queue) const;
  [[nodiscard]] const std::deque<LaneEntry>& lanes() const { return lanes_; }

  // What was added by a transaction that was undone is forgotten.
  struct Mark {
    std::size_t names = 0;
    std::size_t states = 0;
    std::size_t lanes = 0;
  };
  [[nodiscard]] Mark mark() const { return {names_.size(), states_.size(), lanes_.size()}; }
  void restore(const Mark& mark);

 private:
  struct NameEntry {
    std::int64_t number;
    std::string text;
  };
  using StateKey = std::tuple<std::int64_t, StateKind, Ending>;
  using LaneKey = std::tuple<std::int64_t, std::int64_t, bool>;

  void add(NameEntry entry);
  void add(const StateEntry& entry);
  void add(const LaneEntry& entry);
  [[noreturn]] void unknown(const char* what) const;

  Database& database_;
  // Deques, because references to what is in them stay good while others are added.
  std::deque<NameEntry> names_;
  std::deque<StateEntry> states_;
  std::deque<LaneEntry> lanes_;
  std::unordered_map<std::string_view, std::int64_t> number_by_text_;
  std::map<StateKey, std::int64_t> number_by_state_;
  std::map<LaneKey, std::int64_t> number_by_lane_;
};

}  // namespace portfire::sqlite
