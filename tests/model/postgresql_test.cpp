#include <gtest/gtest.h>

#include <portfire/postgresql.hpp>

#include "model/comparison.hpp"
#include "support/postgres_place.hpp"

namespace portfire::model_test {
namespace {

// The storage's clock is the database's. Here that stands still, because this function is found
// before PostgreSQL's own, and what has passed is the storage's offset.
constexpr const char* frozen_clock =
    "CREATE SCHEMA frozen;"
    "CREATE FUNCTION frozen.clock_timestamp() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS"
    " $$ SELECT timestamptz '2026-01-01 00:00:00+00' $$";
constexpr const char* with_frozen_clock = "?options=-csearch_path%3Dfrozen%2Cpg_catalog";

std::string database() {
  PrivatePostgres& server = PrivatePostgres::shared();
  static const std::string url = [&] {
    std::string made = server.new_database();
    server.execute(made, frozen_clock);
    return made;
  }();
  return url;
}

Subject postgresql_subject(const std::shared_ptr<testing::VirtualClock>& clock) {
  const auto place = std::make_shared<PostgresPlace>(database());
  const auto offset = std::make_shared<TimeOffset>();
  const TimePoint start = clock->now();
  return {.open =
              [place, offset] {
                return postgresql::open(place->url() + with_frozen_clock,
                                        {.schema = place->schema(), .time_offset = offset});
              },
          .catch_up = [clock, offset,
                       start] { offset->advance(clock->now() - start - offset->get()); }};
}

TEST(ModelTest, PostgresqlDoesWhatMemoryDoes) {
  constexpr std::uint64_t seeds = 12;
  compare_with_memory(postgresql_subject, seeds);
}

}  // namespace
}  // namespace portfire::model_test
