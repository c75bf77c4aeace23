#include "bench/engine.hpp"

#include <filesystem>
#include <system_error>

#ifdef PORTFIRE_HAS_POSTGRESQL
#include "bench/postgresql_engine.hpp"
#endif
#ifdef PORTFIRE_HAS_REDIS
#include "bench/redis_engine.hpp"
#endif
#ifdef PORTFIRE_HAS_SQLITE
#include "bench/sqlite_floor.hpp"
#endif

namespace portfire::bench {

namespace {

#ifdef PORTFIRE_HAS_SQLITE
Sizes file_sizes(const Place& place) {
  Sizes sizes;
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::path file = place.file;
    file += suffix;
    std::error_code is_absent;
    const auto size = std::filesystem::file_size(file, is_absent);
    if (!is_absent) sizes[std::string{"file"} + suffix] = size;
  }
  return sizes;
}
#endif

}  // namespace

Engines all_engines() {
  Engines engines;
  engines["memory"] = {.floor = memory_floor};
#ifdef PORTFIRE_HAS_POSTGRESQL
  engines["postgresql"] = postgresql_engine();
  engines["postgres"] = postgresql_engine();
#endif
#ifdef PORTFIRE_HAS_REDIS
  engines["redis"] = redis_engine();
  engines["redis+unix"] = redis_engine();
#endif
#ifdef PORTFIRE_HAS_SQLITE
  engines["sqlite"] = {.floor = sqlite_floor, .sizes = file_sizes};
#endif
  return engines;
}

}  // namespace portfire::bench
