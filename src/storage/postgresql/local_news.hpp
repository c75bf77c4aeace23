#pragma once

// What a commit means to those who wait in this process: they need not hear it from the database.

#include <span>
#include <vector>

#include <portfire/storage/unit.hpp>

#include "storage/common/wakeup_hub.hpp"

namespace portfire::postgresql {

// Tells what can be seen in the units that were applied. What else they have brought about, the
// database tells.
void tell_here(WakeupHub& hub, std::span<const Unit> units, std::span<const CommitResult> results);

}  // namespace portfire::postgresql
