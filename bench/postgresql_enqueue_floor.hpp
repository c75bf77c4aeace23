#pragma once

// How fast PostgreSQL takes the rows that the driver writes for new jobs, without the driver.

#include "bench/floor.hpp"

namespace portfire::bench {

// Into the driver's own tables, so that columns and indexes are the same. One by one: a statement
// prepared once, from one connection and from eight, all jobs or for five seconds, whichever is
// less. In bulk: by COPY.
Floor postgresql_enqueue_floor(const FloorPlan& plan);

}  // namespace portfire::bench
