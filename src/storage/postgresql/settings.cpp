#include "storage/postgresql/settings.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <utility>

#include <portfire/error.hpp>

#include "model/rules.hpp"

namespace portfire::postgresql {

namespace {

constexpr std::size_t longest_schema_bytes = 54;  // the channel "portfire.<schema>" has at most 63

struct FreeConnectionOptions {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};
using ConnectionOptions = std::unique_ptr<PQconninfoOption, FreeConnectionOptions>;

// Letters, digits, hyphen and underscore need no care in whatever text they stand.
bool is_usable_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
}

void check_schema(const std::string& schema) {
  const bool is_usable = !schema.empty() && schema.size() <= longest_schema_bytes &&
                         !schema.starts_with("pg_") && std::ranges::all_of(schema, is_usable_byte);
  if (is_usable) return;
  throw UsageError{"postgresql::Options::schema is '" + schema.substr(0, longest_schema_bytes) +
                   "'; it must have 1 to " + std::to_string(longest_schema_bytes) +
                   " letters, digits, hyphens and underscores, and not begin with pg_"};
}

void check(const Options& options) {
  using std::chrono::hours, std::chrono::milliseconds, std::chrono::minutes, std::chrono::seconds;
  constexpr int most_connections = 1000;
  check_schema(options.schema);
  rules::check_range("postgresql::Options::max_connections", options.max_connections, 1,
                     most_connections);
  rules::check_span("postgresql::Options::poll_interval", options.poll_interval, milliseconds{10},
                    minutes{1});
  rules::check_span("postgresql::Options::connect_timeout", options.connect_timeout, seconds{1},
                    minutes{10});
  rules::check_span("postgresql::Options::answer_timeout", options.answer_timeout,
                    milliseconds{100}, hours{1});
  rules::check_span("postgresql::Options::maintenance_timeout", options.maintenance_timeout,
                    seconds{1}, hours{1});
}

ConnectionOptions parsed(const std::string& connection) {
  char* text = nullptr;
  ConnectionOptions options{PQconninfoParse(connection.c_str(), &text)};
  if (options) return options;
  std::string problem = text != nullptr ? text : "out of memory";
  PQfreemem(text);
  while (!problem.empty() && problem.back() == '\n') problem.pop_back();
  throw UsageError{"PostgreSQL connection string: " + problem +
                   "; for example postgresql://user@host/database"};
}

std::string value_of(const PQconninfoOption* options, std::string_view keyword) {
  for (; options->keyword != nullptr; ++options) {
    if (options->keyword == keyword && options->val != nullptr) return options->val;
  }
  return {};
}

std::string place_in_words(const std::string& connection, const std::string& schema) {
  const ConnectionOptions options = parsed(connection);
  const std::string host = value_of(options.get(), "host");
  const std::string port = value_of(options.get(), "port");
  const std::string database = value_of(options.get(), "dbname");
  const bool is_socket = host.starts_with('/');
  return "postgresql://" + (is_socket ? "" : host) + (port.empty() ? "" : ":" + port) + "/" +
         database + "?schema=" + schema + (is_socket ? "&host=" + host : "");
}

std::string quoted(std::string_view text, char mark) {
  std::string result{mark};
  for (const char character : text) {
    if (character == mark) result += mark;
    result += character;
  }
  return result + mark;
}

void replace_all(std::string& text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

}  // namespace

std::string quoted_name(std::string_view name) { return quoted(name, '"'); }

std::string quoted_text(std::string_view text) {
  // A backslash is nothing special in a standard literal.
  return quoted(text, '\'');
}

Settings::Settings(std::string connection, const Options& options)
    : connection_{std::move(connection)}, options_{options} {
  check(options_);
  if (!options_.runtime) options_.runtime = thread_runtime();
  place_ = place_in_words(connection_, options_.schema);
  for (const char* text : query_texts) texts_.push_back(expanded(text));
}

std::string Settings::expanded(std::string_view sql) const {
  std::string text{sql};
  replace_all(text, ":schema_text", quoted_text(options_.schema));
  replace_all(text, ":schema", quoted_name(options_.schema));
  return text;
}

}  // namespace portfire::postgresql
