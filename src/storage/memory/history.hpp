#pragma once

// The history of a job: implicit on the usual way, written out where life took a turn.

#include <vector>

#include "storage/memory/job.hpp"

namespace portfire::memory {

// Turns what is implicit, up to and without the present state, into entries of their own, so that
// something else can follow.
void write_out(Job& job);

// As `write_out`, and the present state too, which is about to be left for another one.
void write_out_with_present(Job& job);

// Notes a candidate that was elected away. What precedes it must have been written out.
void write_elected_away(Job& job, const State& candidate, TimePoint now);

[[nodiscard]] std::vector<HistoryEntry> history_of(const Job& job);

}  // namespace portfire::memory
