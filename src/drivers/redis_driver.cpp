#include <algorithm>

#include <portfire/redis.hpp>

#include "drivers/drivers.hpp"

namespace portfire::drivers {

namespace {

constexpr std::string_view prefix_option = "prefix=";

std::shared_ptr<Storage> open_redis(const StorageUrl& url, SchemaPolicy schema) {
  return redis::open(url.text, {.migrate = schema == SchemaPolicy::migrate});
}

SchemaChange migrate_redis(const StorageUrl& url) {
  const int before = redis::schema_version(url.text);
  redis::migrate(url.text);
  return {.from = before, .to = redis::schema_version(url.text)};
}

// The URL without its prefix.
std::string server_of(const StorageUrl& url) {
  const auto question_mark = url.text.find('?');
  std::string server = url.text.substr(0, question_mark);
  if (question_mark == std::string::npos) return server;
  std::string_view rest = std::string_view{url.text}.substr(question_mark + 1);
  char separator = '?';
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    if (const auto option = rest.substr(0, end); !option.starts_with(prefix_option)) {
      server += separator;
      server += option;
      separator = '&';
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return server;
}

StorageUrl prefix_beside(const StorageUrl& url, const std::string& name) {
  const std::string server = server_of(url);
  const bool has_options = server.find('?') != std::string::npos;
  return parse_storage_url(server + (has_options ? "&prefix=" : "?prefix=") + name);
}

void remove_prefix(const StorageUrl& url) { redis::remove(url.text); }

}  // namespace

Driver redis_driver(const std::string& scheme, const std::string& example) {
  return {.scheme = scheme,
          .example = example,
          .open = open_redis,
          .migrate = migrate_redis,
          .beside = prefix_beside,
          .native = server_of,
          .remove = remove_prefix};
}

}  // namespace portfire::drivers
