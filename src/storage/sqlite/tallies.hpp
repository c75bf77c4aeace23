#pragma once

// Numbers change by differences that a transaction gathers and writes once; nothing is ever
// counted.

#include <cstdint>
#include <vector>

namespace portfire::sqlite {

class Database;

// Hours are numbered from 1970 on.
inline constexpr std::int64_t microseconds_per_hour = 3'600'000'000;

// The column `tally.what`.
enum class Tally : std::uint8_t {
  own,       // 0: last position given; 1: removed jobs that are remembered
  live,      // by lane and state
  lifetime,  // by name of state
  hour,      // by hour since 1970 and name of state
  held,      // by server
};

// Threads: one at a time.
class Tallies {
 public:
  void add(Tally what, std::int64_t first, std::int64_t second, std::int64_t count);

  // `count` jobs were created into, or went from one to another, lane and state.
  void arrived(std::int64_t lane, std::int64_t state, std::int64_t count = 1) {
    add(Tally::live, lane, state, count);
  }
  void left(std::int64_t lane, std::int64_t state, std::int64_t count = 1) {
    add(Tally::live, lane, state, -count);
  }
  // Statistics: states of this name were entered, or jobs created.
  void entered(std::int64_t name, std::int64_t now, std::int64_t count = 1);

  // Adds everything to the table and starts again.
  void flush(Database& database);

  struct Entry {
    Tally what;
    std::int64_t first;
    std::int64_t second;
    std::int64_t count;
  };
  [[nodiscard]] std::vector<Entry> snapshot() const { return entries_; }
  void restore(std::vector<Entry> snapshot) { entries_ = std::move(snapshot); }
  void clear() { entries_.clear(); }

 private:
  // A transaction touches few different numbers, mostly the latest: searched from the end.
  std::vector<Entry> entries_;
};

}  // namespace portfire::sqlite
