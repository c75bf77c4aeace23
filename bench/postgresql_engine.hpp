#pragma once

#include "bench/engine.hpp"

namespace portfire::bench {

Engine postgresql_engine();

}  // namespace portfire::bench
