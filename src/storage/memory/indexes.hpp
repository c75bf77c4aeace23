#pragma once

// The one place that says in which rows a job stands while it is in a state.

#include "storage/memory/data.hpp"

namespace portfire::memory {

// Enters the job into the rows and counts of its present state, or takes it out of them. Both go by
// the job's own fields, which must not change in between.
void attach(Data& data, Job& job);
void detach(Data& data, Job& job);

}  // namespace portfire::memory
