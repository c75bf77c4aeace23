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
#ifdef PORTFIRE_HAS_REDIS
  const std::string options = "?prefix=portfire";
  all.push_back(drivers::redis_driver("redis", "redis://host:6379/0" + options));
  all.push_back(drivers::redis_driver("rediss", "rediss://host:6379/0" + options));
  all.push_back(
      drivers::redis_driver("redis+unix", "redis+unix:///run/redis/redis.sock" + options));
  all.push_back(
      drivers::redis_driver("redis+sentinel", "redis+sentinel://host:26379/master/0" + options));
  all.push_back(drivers::redis_driver("redis+cluster", "redis+cluster://host:6379" + options));
#endif
  all.push_back(drivers::memory_driver());
  return all;
}

}  // namespace portfire
