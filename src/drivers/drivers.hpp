#pragma once

// The rows of the table, one file each.

#include <portfire/open.hpp>

namespace portfire::drivers {

Driver memory_driver();
Driver sqlite_driver();

}  // namespace portfire::drivers
