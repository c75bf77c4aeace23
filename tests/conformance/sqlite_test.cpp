#include <portfire/sqlite.hpp>
#include <portfire/testing/conformance.hpp>

#include "support/temporary_directory.hpp"

namespace {

// Not `full`: what differs is seen only when the power fails, and every test would pay for it.
portfire::conformance::Driver sqlite_driver() {
  return {.name = "Sqlite", .place = [] {
            const auto directory = std::make_shared<portfire::TemporaryDirectory>();
            return [directory](std::shared_ptr<const portfire::TimeOffset> offset) {
              return portfire::sqlite::open(directory->path() / "jobs.db",
                                            {.durability = portfire::sqlite::Durability::normal,
                                             .time_offset = std::move(offset)});
            };
          }};
}

}  // namespace

PORTFIRE_CONFORMANCE(Sqlite, sqlite_driver());
