#pragma once

// The rows of the table, one file each.

#include <portfire/open.hpp>

namespace portfire::drivers {

Driver memory_driver();
// `scheme`: postgresql or postgres.
Driver postgresql_driver(const std::string& scheme);
// `scheme`: redis, rediss, redis+unix, redis+sentinel or redis+cluster.
Driver redis_driver(const std::string& scheme, const std::string& example);
Driver sqlite_driver();

}  // namespace portfire::drivers
