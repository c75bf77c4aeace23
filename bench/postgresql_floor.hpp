#pragma once

// What PostgreSQL can do at most for jobs that are claimed in order, fenced by an epoch, and
// readable by id and by time when they are finished; written by hand against libpq, one connection,
// nothing else. The layout is the fastest of those that were tried: what is ready apart from the
// jobs, one row a claim, and finished jobs moved to a table of their own. New jobs are what the
// driver writes, see postgresql_enqueue_floor.hpp.

#include "bench/floor.hpp"

namespace portfire::bench {

// In a schema of its own, which is removed afterwards.
Floor postgresql_floor(const FloorPlan& plan);

}  // namespace portfire::bench
