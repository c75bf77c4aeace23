#include <portfire/sqlite.hpp>

#include "drivers/drivers.hpp"

namespace portfire::drivers {

namespace {

const std::string example = "sqlite:jobs.db?durability=normal";

std::filesystem::path file_of(const StorageUrl& url) {
  std::string path = url.rest;
  if (path.starts_with("//")) {
    if (!path.starts_with("///")) {
      refuse_url(url,
                 "a SQLite storage has no host; a relative path is written sqlite:path, an "
                 "absolute one sqlite:/path or sqlite:///path",
                 example);
    }
    path.erase(0, 2);
  }
  if (path.empty()) refuse_url(url, "the path of the file is missing", example);
  if (path.ends_with('/')) refuse_url(url, "\"" + path + "\" is a directory, not a file", example);
  return path;
}

sqlite::Options options_of(const StorageUrl& url) {
  UrlOptions given{url, example};
  sqlite::Options options;
  constexpr int lowest_cache_kib = 64;
  constexpr int highest_cache_kib = 4'194'304;
  options.durability = given.choice("durability", {"full", "normal"}) == 0
                           ? sqlite::Durability::full
                           : sqlite::Durability::normal;
  options.cache_kib =
      given.number("cache_kib", options.cache_kib, lowest_cache_kib, highest_cache_kib);
  given.finish();
  return options;
}

std::shared_ptr<Storage> open_sqlite(const StorageUrl& url, SchemaPolicy schema) {
  sqlite::Options options = options_of(url);
  options.migrate = schema == SchemaPolicy::migrate;
  return sqlite::open(file_of(url), options);
}

SchemaChange migrate_sqlite(const StorageUrl& url) {
  static_cast<void>(options_of(url));
  const auto file = file_of(url);
  const int before = sqlite::schema_version(file);
  sqlite::migrate(file);
  return {.from = before, .to = sqlite::schema_version(file)};
}

}  // namespace

Driver sqlite_driver() {
  return {.scheme = "sqlite",
          .example = example,
          .open = open_sqlite,
          .migrate = migrate_sqlite,
          .file = file_of};
}

}  // namespace portfire::drivers
