#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

void keep_continuation_table() {}

}  // namespace portfire::conformance
