#include <algorithm>
#include <chrono>
#include <string_view>

#include <portfire/postgresql.hpp>

#include "drivers/drivers.hpp"

namespace portfire::drivers {

namespace {

const std::string example = "postgresql://user@host/database?schema=portfire";

const std::vector<std::string> own_options = {"schema", "max_connections", "wakeup",
                                              "prepared_statements", "answer_timeout"};

bool is_own(std::string_view option) {
  const auto name = option.substr(0, option.find('='));
  return std::ranges::find(own_options, name) != own_options.end();
}

// The URL as it was given, without our own options: libpq knows the others.
std::string connection_of(const StorageUrl& url) {
  const auto question_mark = url.text.find('?');
  std::string connection = url.text.substr(0, question_mark);
  if (question_mark == std::string::npos) return connection;
  std::string_view rest = std::string_view{url.text}.substr(question_mark + 1);
  char separator = '?';
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    if (const auto option = rest.substr(0, end); !is_own(option)) {
      connection += separator;
      connection += option;
      separator = '&';
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return connection;
}

postgresql::Options options_of(const StorageUrl& url) {
  // Of the others nothing is said here; libpq refuses what it does not know.
  StorageUrl own = url;
  std::erase_if(own.options, [](const auto& option) { return !is_own(option.first); });
  UrlOptions given{own, example};
  postgresql::Options options;
  constexpr int most_connections = 1000;
  options.schema = given.text("schema", options.schema);
  options.max_connections =
      given.number("max_connections", options.max_connections, 1, most_connections);
  options.listen = given.choice("wakeup", {"push", "poll"}) == 0;
  options.prepared_statements = given.choice("prepared_statements", {"on", "off"}) == 0;
  options.answer_timeout = given.span("answer_timeout", options.answer_timeout,
                                      std::chrono::milliseconds{100}, std::chrono::hours{1});
  given.finish();
  return options;
}

std::shared_ptr<Storage> open_postgresql(const StorageUrl& url, SchemaPolicy schema) {
  postgresql::Options options = options_of(url);
  options.migrate = schema == SchemaPolicy::migrate;
  return postgresql::open(connection_of(url), options);
}

SchemaChange migrate_postgresql(const StorageUrl& url) {
  const std::string connection = connection_of(url);
  const std::string schema = options_of(url).schema;
  const int before = postgresql::schema_version(connection, schema);
  postgresql::migrate(connection, schema);
  return {.from = before, .to = postgresql::schema_version(connection, schema)};
}

StorageUrl schema_beside(const StorageUrl& url, const std::string& name) {
  const std::string connection = connection_of(url);
  const bool has_options = connection.find('?') != std::string::npos;
  return parse_storage_url(connection + (has_options ? "&" : "?") + "schema=" + name);
}

void remove_schema(const StorageUrl& url) {
  postgresql::remove(connection_of(url), options_of(url).schema);
}

}  // namespace

Driver postgresql_driver(const std::string& scheme) {
  return {.scheme = scheme,
          .example = scheme + example.substr(example.find(':')),
          .open = open_postgresql,
          .migrate = migrate_postgresql,
          .beside = schema_beside,
          .native = connection_of,
          .remove = remove_schema};
}

}  // namespace portfire::drivers
