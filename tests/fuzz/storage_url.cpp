// URLs of storages. Nothing is opened.

#include <string>

#include <portfire/error.hpp>
#include <portfire/open.hpp>

#include "fuzz/fuzz.hpp"

namespace portfire::fuzz {
namespace {

void check(const std::string& text) {
  const StorageUrl url = parse_storage_url(text);
  expect(url.text == text, "a URL keeps its text");
  const std::string shown = without_password(url);
  expect(parse_storage_url(shown).scheme == url.scheme, "what is shown of a URL is one");
  expect(without_password(parse_storage_url(shown)) == shown, "no password is found in it again");
  static const Drivers drivers = all_drivers();
  const Driver& driver = driver_for(url, drivers);
  if (driver.file) {
    expect(!driver.file(url).empty(), "a file has a name");
  }
  if (driver.native) {
    static_cast<void>(driver.native(url));
  }
  if (driver.beside) {
    const StorageUrl beside = driver.beside(url, "other");
    expect(beside.scheme == url.scheme, "a place beside has the same scheme");
  }
}

}  // namespace
}  // namespace portfire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try {
    portfire::fuzz::check(portfire::fuzz::Input{bytes, size}.rest());
  } catch (const portfire::UsageError&) {
  }
  return 0;
}
