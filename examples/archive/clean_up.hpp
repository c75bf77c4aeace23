#pragma once

// Half-written copies that nobody will finish.

#include <string>

#include <portfire/client.hpp>

#include "places.hpp"

namespace archive {

// The name under which one execution of one job writes: no two ever share it.
std::string partial_name(portfire::JobId job, std::uint64_t epoch);

// Removes the partial copies of executions that are over: of killed runs, and of jobs that were
// taken away. Returns how many.
int remove_abandoned(portfire::Client& client, const Places& places);

}  // namespace archive
