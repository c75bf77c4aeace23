#include "bench/scratch.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <portfire/error.hpp>

namespace portfire::bench {

namespace {

// What a URL says between colon and question mark, whatever the path is made of.
std::string percent_encoded(const std::string& path) {
  static constexpr const char* digits = "0123456789ABCDEF";
  std::string text;
  for (const char character : path) {
    const auto byte = static_cast<unsigned char>(character);
    const bool is_plain = byte > ' ' && byte < 0x7F && character != '%' && character != '?';
    if (is_plain) {
      text += character;
    } else {
      text += {'%', digits[byte / 16], digits[byte % 16]};
    }
  }
  return text;
}

std::string options_text(const StorageUrl& url) {
  const auto question_mark = url.text.find('?');
  return question_mark == std::string::npos ? std::string{} : url.text.substr(question_mark);
}

}  // namespace

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
  clear();
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove(directory_, ignored);
}

void Scratch::clear() {
  // Nothing is lost when something stays behind; its name says what it is.
  for (const StorageUrl& place : places_) {
    try {
      driver_.remove(place);
    } catch (const std::exception&) {
      continue;
    }
  }
  places_.clear();
  if (directory_.empty()) return;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{directory_, ignored}) {
    std::filesystem::remove_all(entry.path(), ignored);
  }
}

Place Scratch::place() {
  const std::string number = std::to_string(++opened_);
  if (driver_.beside) {
    return place_beside("portfire_bench_" + std::to_string(getpid()) + "_" + number);
  }
  if (!directory_.empty()) return place_in_file("jobs-" + number + ".db");
  return {.storage = driver_.open(url_, SchemaPolicy::migrate)};
}

Place Scratch::place_beside(const std::string& name) {
  places_.push_back(driver_.beside(url_, name));
  return {.storage = driver_.open(places_.back(), SchemaPolicy::migrate),
          .name = name,
          .url = places_.back().text,
          .native_url = driver_.native ? driver_.native(url_) : std::string{}};
}

Place Scratch::place_in_file(const std::string& name) {
  const std::filesystem::path file = directory_ / name;
  const StorageUrl url =
      parse_storage_url(url_.scheme + ":" + percent_encoded(file.string()) + options_text(url_));
  return {.storage = driver_.open(url, SchemaPolicy::migrate),
          .name = name,
          .url = url.text,
          .file = file};
}

}  // namespace portfire::bench
