#include "drivers/drivers.hpp"

namespace portfire {

Drivers all_drivers() {
  Drivers all;
#ifdef PORTFIRE_HAS_SQLITE
  all.push_back(drivers::sqlite_driver());
#endif
#ifdef PORTFIRE_HAS_POSTGRESQL
  all.push_back(drivers::postgresql_driver("postgresql"));
  all.push_back(drivers::postgresql_driver("postgres"));
#endif
  all.push_back(drivers::memory_driver());
  return all;
}

}  // namespace portfire
