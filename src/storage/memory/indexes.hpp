#pragma once

// The one place that says in which rows a job stands while it is in a state.

#include "storage/memory/data.hpp"

namespace portfire::memory {

// Enters the job into the rows and counts of its present state, or takes it out of them. Both go by
// the job's own fields, which must not change in between.
void attach(Data& data, Job& job);
void detach(Data& data, Job& job);

// The part of both that is about the job's limit (limits.cpp).
void attach_to_limit(Data& data, const Job& job);
void detach_from_limit(Data& data, const Job& job);

}  // namespace portfire::memory
