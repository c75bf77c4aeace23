#include <atomic>
#include <filesystem>

#include <unistd.h>

#include <portfire/memory.hpp>
#include <portfire/sqlite.hpp>

#include "scenarios/backends.hpp"

namespace portfire::scenarios {

namespace {

// A directory that goes with the last who holds it.
std::shared_ptr<const std::filesystem::path> new_directory() {
  auto pattern = (std::filesystem::temp_directory_path() / "portfire-scenario-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::filesystem::filesystem_error{"mkdtemp", {}};
  return {new std::filesystem::path{pattern}, [](const std::filesystem::path* path) {
            std::error_code ignored;
            std::filesystem::remove_all(*path, ignored);
            delete path;
          }};
}

std::shared_ptr<Storage> open_sqlite(std::shared_ptr<const TimeOffset> offset) {
  const auto directory = new_directory();
  auto storage = sqlite::open(*directory / "jobs.db", {.durability = sqlite::Durability::normal,
                                                       .time_offset = std::move(offset)});
  Storage* plain = storage.get();
  // The storage first, then its directory.
  return {plain, [storage = std::move(storage), directory](Storage*) mutable { storage.reset(); }};
}

}  // namespace

std::vector<Backend> backends() {
  return {{.name = "Memory",
           .open =
               [](std::shared_ptr<const TimeOffset> offset) {
                 return memory::open({.time_offset = std::move(offset)});
               }},
          {.name = "Sqlite", .open = open_sqlite}};
}

}  // namespace portfire::scenarios
