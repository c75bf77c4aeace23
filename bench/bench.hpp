#pragma once

// Measures a storage as users meet it, through client and server, and beside it the floor of its
// engine. What each figure means is said in docs/reference/cli.md.

#include <cstddef>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include <portfire/log.hpp>
#include <portfire/open.hpp>

namespace portfire::bench {

// Told now and then while a measurement runs.
using Progress = std::function<void(const std::string& what, std::size_t done, std::size_t total)>;

struct Plan {
  std::size_t jobs = 100'000;
  int workers = 20;

  bool enqueue = false;
  bool bulk = false;
  bool drain = false;
  bool latency = false;
  bool memory = false;
  bool floor = false;

  Progress progress = [](const std::string&, std::size_t, std::size_t) {};
  LogSink log = silent_sink();
};

// Never touches what is stored under the URL: storages in files are measured in a directory of
// their own beside the file, which is removed afterwards. Throws UsageError for the URL,
// StorageError when a storage fails or stands still.
nlohmann::ordered_json run(const StorageUrl& url, const Driver& driver, const Plan& plan);

}  // namespace portfire::bench
