#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

void keep_wakeups() {}

}  // namespace portfire::conformance
