#pragma once

// What a commit means to those who wait in this process: they need not hear it from the server.

#include <span>
#include <vector>

#include <portfire/storage/unit.hpp>

#include "storage/common/wakeup_hub.hpp"

namespace portfire {

// Tells what can be seen in the units that were applied, by this call or an earlier one whose
// answer may have been lost. What else they have brought about, the server tells.
void tell_here(WakeupHub& hub, std::span<const Unit> units, std::span<const CommitResult> results);

}  // namespace portfire
