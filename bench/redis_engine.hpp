#pragma once

#include "bench/engine.hpp"

namespace portfire::bench {

// Of one server that is reached without TLS.
Engine redis_engine();

}  // namespace portfire::bench
