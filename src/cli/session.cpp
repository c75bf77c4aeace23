#include "cli/session.hpp"

#include <cstdlib>
#include <ostream>

#include <portfire/error.hpp>

#include "cli/text.hpp"

namespace portfire::cli {

void Session::print(const Json& object) const {
  // Stored text may be anything; invalid UTF-8 must not cost the answer.
  out_ << object.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

void Session::complain(const std::string& text) const {
  // Messages may quote what the user gave, whole arguments for instance.
  constexpr std::size_t longest = 600;
  err_ << "portfire: " << one_line(text, longest) << '\n';
}

std::string Session::url() const {
  if (!storage_option.empty()) return storage_option;
  const char* environment = std::getenv("PORTFIRE_STORAGE");
  if (environment != nullptr && *environment != '\0') return environment;
  throw UsageError{
      "no storage is named; give --storage URL or set PORTFIRE_STORAGE, for example "
      "--storage sqlite:jobs.db"};
}

std::shared_ptr<Storage> Session::open() const {
  // Never migrates: a look at a mistyped path must not create a database, nor may it move the
  // schema under servers of an older version.
  auto storage = portfire::open(url(), all_drivers(), SchemaPolicy::require);
  if (!storage->capabilities().shared) {
    throw UsageError{"storage URL \"" + url() +
                     "\": such a storage lives within one process, so there is nothing to see or "
                     "change from here; for example sqlite:jobs.db"};
  }
  return storage;
}

Client Session::client() const {
  ClientOptions options;
  options.log = log();
  return Client{open(), std::move(options)};
}

LogSink Session::log() const {
  return [this](LogLevel level, std::string_view line) {
    if (level >= LogLevel::warning) complain(std::string{line});
  };
}

}  // namespace portfire::cli
