#pragma once

// The units of one or more callers, sorted into few statements.

#include <cstddef>
#include <span>
#include <vector>

#include <portfire/storage/unit.hpp>

#include "storage/postgresql/connection.hpp"

namespace portfire::postgresql {

class Claims;

// A unit and where its answer goes; both outlive the batch.
struct Slot {
  const Unit* unit = nullptr;
  CommitResult* result = nullptr;
};

// Sorting: plain creations go to `create_plain`, plain finishes to `finish_plain`, one call for
// each state, everything else to `commit_units`. Units of different callers have no order; those of
// one keep theirs, for which the batch has rounds: each is sent when the one before has been
// answered. Threads: one at a time.
class Batch {
 public:
  explicit Batch(Claims& claims) : claims_{claims} {}

  // Adds the units of a caller, in their order.
  void add(std::span<const Unit> units, std::span<CommitResult> results);

  // Performs all in one transaction, as far as possible, and fills in the answers. After an
  // exception it may be called again: what was done is then done already.
  void run(Connection& connection);

  [[nodiscard]] std::size_t units() const { return units_; }

 private:
  enum class Way { creation, finish, any };
  struct Finishes {
    const State* state;
    std::vector<Slot> slots;
  };
  struct Round {
    std::vector<Slot> creations;
    std::vector<Finishes> finishes;
    std::vector<Slot> others;
  };

  static Way way_of(const Unit& unit);
  void put(Round& round, Way way, Slot slot);
  void run_rounds(Connection& connection, bool finishes_are_plain);
  std::vector<Slot> run_round(Connection& connection, const Round& round, bool finishes_are_plain);
  void run_units(Connection& connection, std::span<const Slot> slots);
  void note_ended();

  Claims& claims_;
  std::vector<Round> rounds_;
  std::size_t units_ = 0;
};

// Makes the statement for units of any kind, and reads its answer.
Statement commit_statement(Duration shift, std::span<const Slot> slots);
void read_commit_answer(Result& answer, std::span<const Slot> slots);

}  // namespace portfire::postgresql
