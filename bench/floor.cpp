#include "bench/floor.hpp"

#ifdef PORTFIRE_HAS_POSTGRESQL
#include "bench/postgresql_floor.hpp"
#endif
#ifdef PORTFIRE_HAS_SQLITE
#include "bench/sqlite_floor.hpp"
#endif

namespace portfire::bench {

Floors all_floors() {
  Floors floors;
  floors.emplace("memory", memory_floor);
#ifdef PORTFIRE_HAS_POSTGRESQL
  floors.emplace("postgresql", postgresql_floor);
  floors.emplace("postgres", postgresql_floor);
#endif
#ifdef PORTFIRE_HAS_SQLITE
  floors.emplace("sqlite", sqlite_floor);
#endif
  return floors;
}

}  // namespace portfire::bench
