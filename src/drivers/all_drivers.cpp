#include "drivers/drivers.hpp"

namespace portfire {

Drivers all_drivers() {
  Drivers all;
#ifdef PORTFIRE_HAS_SQLITE
  all.push_back(drivers::sqlite_driver());
#endif
  all.push_back(drivers::memory_driver());
  return all;
}

}  // namespace portfire
