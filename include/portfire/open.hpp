#pragma once

/// Storages by URL, for command lines and configuration files.
///
/// Which URLs exist is said by an explicit table: a program links only the drivers it names.
/// `portfire::all_drivers()` (target `portfire::drivers`) names all that were built.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/storage/storage.hpp>

namespace portfire {

/// A URL `scheme:rest?option=value&…`, taken apart.
struct StorageUrl {
  std::string scheme;
  std::string rest;  ///< between the colon and the question mark, percent-decoded
  std::vector<std::pair<std::string, std::string>> options;
};

struct Driver {
  std::string scheme;
  std::string example;  ///< shown in error messages: `sqlite:jobs.db?durability=normal`
  std::function<std::shared_ptr<Storage>(const StorageUrl&)> open;
  /// Brings the schema up to date; empty where there is none.
  std::function<void(const StorageUrl&)> migrate = {};
};

using Drivers = std::vector<Driver>;

/// Takes a URL apart. Throws `UsageError` that shows the URL and what is wrong with it.
StorageUrl parse_storage_url(std::string_view url);

/// The driver for a URL. Throws `UsageError` that lists the known schemes.
const Driver& driver_for(const StorageUrl& url, const Drivers& drivers);

/// Opens a storage. Throws `UsageError` for the URL, `StorageError` as the driver's own `open`.
std::shared_ptr<Storage> open(std::string_view url, const Drivers& drivers);

/// All drivers of this build. Link `portfire::drivers`.
Drivers all_drivers();

}  // namespace portfire
