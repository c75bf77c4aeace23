#pragma once

// The statements that commit units, and what their answers mean.

#include <cstdint>
#include <span>
#include <vector>

#include <portfire/storage/unit.hpp>

#include "storage/postgresql/connection.hpp"

namespace portfire::postgresql {

// A unit and where its answer goes; both outlive whoever has the slot.
struct Slot {
  const Unit* unit = nullptr;
  CommitResult* result = nullptr;
};
using Slots = std::vector<Slot>;

// How a unit may be committed: some are so plain that many of them are one statement.
enum class Way { creation, finish, any };
Way way_of(const Unit& unit);

// Whether two plain finishes may share a statement.
bool same_end(const Transition& a, const Transition& b);

// Plain creations; at least one. With `Sent::before` also those that say they are new are looked
// for. The answer appends those that something is wrong with, which nothing was done for, to
// `refused`.
enum class Sent : bool { perhaps, before };
Statement creation_statement(Duration shift, const Slots& slots, Sent sent);
void read_creation_answer(Result& answer, const Slots& slots, Slots& refused);

// Plain finishes that are the `same_end`; claims that are over by then are removed. The answer is
// read into those that were applied and appends the others, which are not so plain after all, to
// `refused`.
Statement finish_statement(Duration shift, const Slots& slots,
                           const std::vector<std::int64_t>& ended_claims);
void read_finish_answer(Result& answer, const Slots& slots, Slots& refused);

// Units of any kind. In a transaction of the application's own, which cannot be repeated, they wait
// for the transactions of others; otherwise a lock that cannot be had soon fails the statement.
enum class Patience { little, endless };
Statement commit_statement(Duration shift, const Slots& slots,
                           Patience patience = Patience::little);
void read_commit_answer(Result& answer, const Slots& slots);

}  // namespace portfire::postgresql
