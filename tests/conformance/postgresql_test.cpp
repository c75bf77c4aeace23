#include <portfire/postgresql.hpp>
#include <portfire/testing/conformance.hpp>

#include "support/postgres_place.hpp"

namespace {

portfire::conformance::Driver postgresql_driver() {
  return {.name = "Postgresql", .place = [] {
            const auto place = std::make_shared<portfire::PostgresPlace>();
            return [place](std::shared_ptr<const portfire::TimeOffset> offset) {
              return portfire::postgresql::open(
                  place->url(), {.schema = place->schema(), .time_offset = std::move(offset)});
            };
          }};
}

}  // namespace

PORTFIRE_CONFORMANCE(Postgresql, postgresql_driver());
