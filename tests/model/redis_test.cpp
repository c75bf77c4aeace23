#include <gtest/gtest.h>

#include <portfire/open.hpp>
#include <portfire/redis.hpp>

#include "model/comparison.hpp"
#include "storage/redis/storage.hpp"
#include "support/redis_place.hpp"

namespace portfire::model_test {
namespace {

// The storage's clock is the server's. Here it stands still, and what has passed is the offset.
Subject redis_subject(const std::shared_ptr<testing::VirtualClock>& clock) {
  const auto place = std::make_shared<RedisPlace>();
  const auto offset = std::make_shared<TimeOffset>();
  const TimePoint start = clock->now();
  return {.open =
              [place, offset, start] {
                redis::Settings settings = redis::settings_of(parse_storage_url(place->url()));
                settings.time_offset = offset;
                settings.frozen_at = start;
                redis::check(settings);
                return redis::open_storage(settings, true);
              },
          .catch_up = [clock, offset,
                       start] { offset->advance(clock->now() - start - offset->get()); }};
}

TEST(ModelTest, RedisDoesWhatMemoryDoes) {
  constexpr std::uint64_t seeds = 30;
  compare_with_memory(redis_subject, seeds);
}

}  // namespace
}  // namespace portfire::model_test
