#include "bench/scratch.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <portfire/error.hpp>

namespace portfire::bench {

Scratch::Scratch(StorageUrl url, const Driver& driver) : url_{std::move(url)}, driver_{driver} {
  if (!driver_.file) return;
  std::string pattern = std::filesystem::absolute(driver_.file(url_)).string() + ".bench-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) {
    const int code = errno;
    throw StorageError{"cannot make the directory " + pattern +
                           " to measure in: " + std::generic_category().message(code),
                       {.operation = "bench", .native_code = code}};
  }
  directory_ = pattern;
}

Scratch::~Scratch() {
  for (const StorageUrl& place : places_) {
    try {
      driver_.remove(place);
    } catch (const std::exception&) {
      // As below.
    }
  }
  if (directory_.empty()) return;
  // Nothing is lost when this fails; the directory's name says what it is.
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string Scratch::native_url() const {
  return driver_.native ? driver_.native(url_) : std::string{};
}

std::shared_ptr<Storage> Scratch::open() {
  if (driver_.beside) {
    const std::string name =
        "portfire_bench_" + std::to_string(getpid()) + "_" + std::to_string(++opened_);
    places_.push_back(driver_.beside(url_, name));
    return driver_.open(places_.back(), SchemaPolicy::migrate);
  }
  if (!directory_.empty()) {
    url_.rest = directory_ / ("jobs-" + std::to_string(++opened_) + ".db");
  }
  return driver_.open(url_, SchemaPolicy::migrate);
}

}  // namespace portfire::bench
