#pragma once

// The list of everything that the archive holds.

#include <optional>
#include <vector>

#include <portfire/client.hpp>
#include <portfire/context.hpp>

#include "jobs.hpp"
#include "places.hpp"

namespace archive {

// Writes a line `sha256  size  path` for every one of the jobs, and of the members of batches among
// them, that has succeeded, sorted by path. Returns nothing, having written nothing, while one of
// them has yet to end.
std::optional<Totals> write_lines(portfire::Client& client,
                                  const std::vector<portfire::JobId>& jobs, const Places& places);

}  // namespace archive
