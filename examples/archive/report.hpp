#pragma once

// The summary at the end.

#include "jobs.hpp"
#include "places.hpp"
#include "plan.hpp"
#include "progress.hpp"

namespace archive {

void print_summary(const Places& places, const Plan& plan, const Totals& totals, const Meter& meter,
                   double seconds);

}  // namespace archive
