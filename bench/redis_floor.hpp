#pragma once

#include "bench/floor.hpp"

namespace portfire::bench {

// How fast Redis runs the driver's own scripts, without the driver: their arguments are put
// together by hand, and in bulk and in the drain the next call is there before the last one has
// been answered, so that the server never waits. At its best of 100, 500 and 1000 jobs a call; one
// by one from one connection and from eight, all jobs or for five seconds, whichever is less.
Floor redis_floor(const FloorPlan& plan);

}  // namespace portfire::bench
