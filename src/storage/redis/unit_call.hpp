#pragma once

// Units as arguments of the script `commit`, and its answers.

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include <portfire/storage/unit.hpp>

#include "storage/redis/call.hpp"

namespace portfire::redis {

// Changes of parameters, packed as scripts/session.lua reads them.
std::string pack_changes(const std::map<std::string, std::optional<std::string>>& parameters);

// Jobs and changes of one call; some ten milliseconds of the server's time.
inline constexpr std::size_t largest_call = 1000;

// A unit, and where its result belongs.
struct Slot {
  const Unit* unit;
  CommitResult* result;
};

// Which units may have been sent before: those that do not say otherwise, the first as well, or
// all.
enum class LooksBack : unsigned char { where_needed, at_first, everywhere };

// As many of the units as one call should carry: a script holds up everybody else.
//
// Threads: one.
class UnitCall {
 public:
  // All outlive it.
  UnitCall(const Settings& settings, std::span<const Slot> slots, LooksBack looks_back);

  // Units at the front that are in it; at least one.
  [[nodiscard]] std::size_t size() const { return taken_; }
  [[nodiscard]] const ScriptCall& script_call() const { return call_.script_call(); }

  // Writes the results of the units that are in it. Returns how many were decided: fewer than
  // `size` where a plain creation was found to have been made before. That unit goes first into
  // another call, `at_first`.
  std::size_t read(const Reply& answers) const;

 private:
  enum class Way : unsigned char { creation, batch, end, general };
  struct Section {
    Way way;
    std::size_t units;
    std::size_t items;
    std::size_t count_at;  // the argument that says how many
    const NewJob* job;     // creations: one that all are like
    const State* state;    // ends: the one that all are in
  };

  void add(const Unit& unit, bool looks_back);
  [[nodiscard]] bool joins_creations(const Unit& unit) const;
  [[nodiscard]] bool joins_ends(const Unit& unit) const;
  void add_creations(const Unit& unit);
  void add_batch(const Unit& unit);
  void begin_creations(const NewJob& first);
  void add_plain(std::span<const NewJob> jobs);
  void add_end(const Unit& unit);
  void add_general(const Unit& unit, bool looks_back);
  void add_job(const NewJob& job);
  void add_change(const Transition& change);
  void add_template(const RecurringChange& change);
  void begin(Way way, const char* letter);

  const std::span<const Slot> slots_;
  Call call_;
  std::vector<Section> sections_;
  std::unordered_set<JobId> seen_;  // jobs of the present section
  std::size_t taken_ = 0;
  std::size_t weight_ = 0;
};

}  // namespace portfire::redis
