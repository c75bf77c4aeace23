#pragma once

// The rule of continuations, for every driver: what the end of a parent means to those who wait.

#include <portfire/state.hpp>
#include <portfire/storage/unit.hpp>

namespace portfire {

enum class Verdict : std::uint8_t {
  met,    // the condition holds
  unmet,  // it can no longer hold
  waits,  // it may still hold one day
};

// What `ending` of a parent's present state says about a condition set on that parent.
[[nodiscard]] Verdict decide(Condition condition, Ending ending);

}  // namespace portfire
