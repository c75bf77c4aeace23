#pragma once

// What monitoring systems ask for, in the text format of Prometheus, version 0.0.4.

#include <string>

#include "dashboard/site.hpp"

namespace portfire::dashboard {

std::string metrics_text(Site& site);

}  // namespace portfire::dashboard
