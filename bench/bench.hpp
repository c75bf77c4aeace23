#pragma once

// Measures a storage as users meet it, through client and server, and beside it the floor of its
// engine. What each figure means is said in docs/reference/cli.md.

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <portfire/log.hpp>
#include <portfire/open.hpp>

namespace portfire::bench {

// Told now and then while a measurement runs.
using Progress = std::function<void(const std::string& what, std::size_t done, std::size_t total)>;

struct Plan {
  std::size_t jobs = 100'000;
  int workers = 20;
  std::size_t servers = 4;
  std::size_t backlog = 1'000'000;
  std::chrono::seconds held{180};
  std::chrono::seconds steady{300};
  std::size_t definitions = 100'000;
  std::chrono::seconds recurring{30};

  // What to measure.
  bool enqueue = false;
  bool bulk = false;
  bool drain = false;
  bool batch = false;
  bool latency = false;
  bool memory = false;
  bool apart = false;
  bool processes = false;
  bool with_backlog = false;
  bool with_held = false;
  bool steady_state = false;
  bool due = false;
  bool with_recurring = false;
  bool dashboard = false;
  bool isolation = false;
  bool floor = false;

  // How this program is started once more: what it takes for argv, to which is added
  // `--as-server-process` with a word of `News` and `--workers NUMBER`, upon which it calls
  // `serve`, or `--as-receiver NAME`, upon which it calls `receive_posts`. The storage is in
  // PORTFIRE_STORAGE.
  std::vector<std::string> command = {};

  Progress progress = [](const std::string&, std::size_t, std::size_t) {};
  LogSink log = silent_sink();
};

// Never touches what is stored under the URL: storages in files are measured in a directory of
// their own beside the file, which is removed afterwards. Throws UsageError for the URL and for
// what storages of its kind cannot be measured for, StorageError when a storage fails or stands
// still.
nlohmann::ordered_json run(const StorageUrl& url, const Driver& driver, const Plan& plan);

}  // namespace portfire::bench
