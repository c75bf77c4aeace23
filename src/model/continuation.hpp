#pragma once

// The rules of continuations and batches, for every driver: what the end of a job means to those
// who wait for it.

#include <optional>

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

// Whether a member of a batch has ended in a state of that kind with that ending.
[[nodiscard]] bool ends_member(StateKind kind, Ending ending);

// What members enter whose batch was deleted: kept as long as the batch.
[[nodiscard]] State deleted_with_batch(std::optional<Duration> retention);

}  // namespace portfire
