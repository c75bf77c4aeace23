#pragma once

// Looks at the storage from outside, past all faults, and compares it with the ledger.

#include <string>

#include "simulation/process.hpp"

namespace portfire::simulation {

// The first job that has neither come to rest nor waits for a stated reason; empty when all have.
std::string unsettled(Universe& universe);

// Whether nothing is going on any more: the same, but quick to say no.
bool is_settled(Universe& universe);

// A definition of a recurring job whose next occurrence has been due for longer than servers take;
// empty when all are up to date.
std::string overdue_definition(Universe& universe);

// Everything that must be so once all processes have ended. Reports violations to the journal.
void audit_end(Universe& universe);

}  // namespace portfire::simulation
