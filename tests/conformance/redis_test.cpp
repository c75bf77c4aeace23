#include <portfire/redis.hpp>
#include <portfire/testing/conformance.hpp>

#include "support/redis_place.hpp"

namespace {

portfire::conformance::Driver redis_driver() {
  return {.name = "Redis", .place = [] {
            const auto place = std::make_shared<portfire::RedisPlace>();
            return [place](std::shared_ptr<const portfire::TimeOffset> offset) {
              return portfire::redis::open(place->url(), {.time_offset = std::move(offset)});
            };
          }};
}

}  // namespace

PORTFIRE_CONFORMANCE(Redis, redis_driver());
