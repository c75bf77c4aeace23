#pragma once

// The units of one or more callers, sorted into few statements.

#include <cstddef>
#include <span>
#include <vector>

#include "storage/postgresql/commit_statements.hpp"

namespace portfire::postgresql {

class Claims;

// Plain creations go into one statement, plain finishes into one for each state, everything else
// into a third. Units of different callers have no order; those of one keep theirs, for which the
// group has rounds: each is sent when the one before has been answered.
//
// Threads: one at a time.
class CommitGroup {
 public:
  // `sent` says whether its units may have been sent by an earlier group.
  CommitGroup(Claims& claims, Sent sent) : claims_{claims}, sent_{sent} {}

  // Adds the units of a caller, in their order. Both outlive the group.
  void add(std::span<const Unit> units, std::span<CommitResult> results);

  // Performs all in one transaction, as far as possible, and fills in the answers. After an
  // exception it may be called again: what was done is then done already.
  void run(Connection& connection);

 private:
  struct Round {
    Slots creations;
    std::vector<Slots> finishes;  // those of each have the `same_end`
    Slots others;
  };

  static void put(Round& round, Way way, Slot slot);
  void run_once(Connection& connection);
  void run_rounds(Connection& connection, bool finishes_are_plain);
  Slots run_round(Connection& connection, const Round& round);
  static void run_each(Connection& connection, const Slots& slots);
  static void run_units(Connection& connection, const Slots& slots);
  static Round without_plain_finishes(const Round& round);
  [[nodiscard]] bool has_plain_finishes() const;
  void note_ended();

  Claims& claims_;
  Sent sent_;
  std::vector<Round> rounds_;
};

}  // namespace portfire::postgresql
