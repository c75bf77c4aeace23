#pragma once

// The rules of limits, for every driver.

#include <portfire/state.hpp>
#include <portfire/storage/unit.hpp>

namespace portfire {

// Whether a job that does not count yet has to ask for room before it enters a state of the kind.
[[nodiscard]] bool asks_for_room(const Limit& limit, StateKind kind);

// What a job remembers that stands in line: its delay counts from now, however long that takes.
[[nodiscard]] State with_fixed_time(State state, TimePoint now);

}  // namespace portfire
