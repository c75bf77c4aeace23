#pragma once

// How fast scheduled jobs move to their queue when all of them are due.

#include "bench/bench.hpp"
#include "bench/scratch.hpp"

namespace portfire::bench {

// As many as the backlog; promoted by one caller, as a server does, a thousand at a time.
double promote_rate(Scratch& scratch, const Plan& plan);

}  // namespace portfire::bench
