#pragma once

/// Storages by URL, for command lines and configuration files.
///
/// Which URLs exist is said by an explicit table: a program links only the drivers it names.
/// `portfire::all_drivers()` (target `portfire::drivers`) names all that were built:
///
///     auto storage = portfire::open("sqlite:jobs.db", portfire::all_drivers());
///
/// A URL is `scheme:rest?option=value&option=value`. `%XX` stands for any byte in `rest` and in
/// values. Threads: plain values and functions without state. Errors: `UsageError` shows the URL,
/// the part that is wrong, what is known instead, and an example.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <portfire/storage/storage.hpp>

namespace portfire {

/// A URL taken apart.
struct StorageUrl {
  std::string text;    ///< as it was given, for messages
  std::string scheme;  ///< before the colon
  std::string rest;    ///< between the colon and the question mark, percent-decoded
  std::vector<std::pair<std::string, std::string>> options;  ///< as given; no name twice
};

/// What `open` does about the schema of a storage that has one.
enum class SchemaPolicy : unsigned char {
  migrate,  ///< creates what is missing and migrates what is older
  require,  ///< an absent or older schema is a `StorageError` that says so
};

/// A change of schema; the same version twice when there was nothing to do.
struct SchemaChange {
  int from = 0;  ///< 0: there was none
  int to = 0;
};

/// One kind of storage. Every function throws `UsageError` for a URL that it cannot use.
struct Driver {
  std::string scheme;
  std::string example;  ///< shown in error messages: `sqlite:jobs.db?durability=normal`
  std::function<std::shared_ptr<Storage>(const StorageUrl&, SchemaPolicy)> open;
  /// Brings the schema up to date; empty where there is none.
  std::function<SchemaChange(const StorageUrl&)> migrate = {};
  /// The file that holds everything; empty where there is none.
  std::function<std::filesystem::path(const StorageUrl&)> file = {};
  /// Another place of that name beside the one of the URL, in the same database; empty where there
  /// is a file, or nothing that lasts.
  std::function<StorageUrl(const StorageUrl&, const std::string& name)> beside = {};
  /// The URL as the engine's own client library reads it, where there is `beside`.
  std::function<std::string(const StorageUrl&)> native = {};
  /// Removes what is stored under the URL, where there is `beside`.
  std::function<void(const StorageUrl&)> remove = {};
};

using Drivers = std::vector<Driver>;

/// Takes a URL apart.
StorageUrl parse_storage_url(std::string_view url);

/// The driver for a URL. It belongs to `drivers`.
const Driver& driver_for(const StorageUrl& url, const Drivers& drivers);

/// Opens a storage. Throws `UsageError` for the URL, `StorageError` as the driver's own `open`.
std::shared_ptr<Storage> open(std::string_view url, const Drivers& drivers,
                              SchemaPolicy schema = SchemaPolicy::migrate);

/// The options of a URL while a driver reads them: each is asked for by name, and `finish` refuses
/// what nobody asked for. For authors of drivers.
class UrlOptions {
 public:
  /// `example` is shown in messages. Keeps references to both.
  UrlOptions(const StorageUrl& url, const std::string& example) : url_{url}, example_{example} {}

  /// The index of the option's value in `choices`; the first of them when it is not given.
  std::size_t choice(const std::string& name, const std::vector<std::string>& choices);

  /// Any text; `otherwise` when it is not given.
  std::string text(const std::string& name, const std::string& otherwise);

  /// A whole number in [lowest, highest]; `otherwise` when it is not given.
  int number(const std::string& name, int otherwise, int lowest, int highest);

  /// A span such as `250ms` or `1m30s`, in [shortest, longest]; `otherwise` when it is not given.
  Duration span(const std::string& name, Duration otherwise, Duration shortest, Duration longest);

  /// Throws for the first option that was not asked for.
  void finish() const;

 private:
  [[nodiscard]] const std::string* find(const std::string& name) const;
  void know(const std::string& name, const std::string& values);

  const StorageUrl& url_;
  const std::string& example_;
  std::vector<std::pair<std::string, std::string>> known_;  // name, values in words
};

/// The URL without its password.
std::string without_password(const StorageUrl& url);

/// Throws the `UsageError` of everything here: URL, what is wrong with it, cure, example.
[[noreturn]] void refuse_url(const StorageUrl& url, const std::string& what,
                             const std::string& example);

/// All drivers of this build. Link `portfire::drivers`.
Drivers all_drivers();

}  // namespace portfire
