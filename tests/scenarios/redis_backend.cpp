#include <portfire/redis.hpp>

#include "scenarios/backends.hpp"
#include "support/redis_place.hpp"

namespace portfire::scenarios {

namespace {

std::shared_ptr<Storage> open_redis(std::shared_ptr<const TimeOffset> offset) {
  const auto place = std::make_shared<const RedisPlace>();
  auto storage = redis::open(place->url(), {.time_offset = std::move(offset)});
  Storage* plain = storage.get();
  // The storage first, then its keys.
  return {plain, [storage = std::move(storage), place](Storage*) mutable { storage.reset(); }};
}

}  // namespace

std::vector<Backend> backends() { return {{.name = "Redis", .open = open_redis}}; }

}  // namespace portfire::scenarios
