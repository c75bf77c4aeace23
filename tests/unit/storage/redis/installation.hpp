#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/redis/errors.hpp"
#include "storage/redis/gateway.hpp"
#include "storage/redis/settings.hpp"
#include "support/redis_place.hpp"

namespace portfire::redis {

// Checked settings of a URL, options of tests' own appended.
inline Settings settings_for(const std::string& url, const std::string& more = "") {
  Settings settings = settings_of(parse_storage_url(url + more));
  check(settings);
  return settings;
}

// A gateway with its settings.
class Door {
 public:
  explicit Door(const std::string& url, const std::string& more = "")
      : settings{settings_for(url, more)}, gateway{make_gateway(settings)} {}

  Reply command(std::vector<std::string_view> words) const { return gateway->command(words); }

  const Settings settings;
  const std::unique_ptr<Gateway> gateway;
};

// The message of the error that `body` throws; empty when it throws none.
template <class Body>
std::string error_of(Body&& body) {
  try {
    body();
  } catch (const StorageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace portfire::redis
