#pragma once

// The rows of the table, one file each.

#include <portfire/open.hpp>

namespace portfire::drivers {

Driver memory_driver();
// `scheme`: postgresql or postgres.
Driver postgresql_driver(const std::string& scheme);
Driver sqlite_driver();

}  // namespace portfire::drivers
