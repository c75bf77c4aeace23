#include "scenarios/backends.hpp"
#include "unit/storage/postgresql/installation.hpp"

namespace portfire::scenarios {

namespace {

std::shared_ptr<Storage> open_postgresql(std::shared_ptr<const TimeOffset> offset) {
  const auto installation = std::make_shared<const postgresql::Installation>();
  auto storage = installation->open({.time_offset = std::move(offset)});
  Storage* plain = storage.get();
  // The storage first, then its schema.
  return {plain,
          [storage = std::move(storage), installation](Storage*) mutable { storage.reset(); }};
}

}  // namespace

std::vector<Backend> backends() { return {{.name = "Postgresql", .open = open_postgresql}}; }

}  // namespace portfire::scenarios
