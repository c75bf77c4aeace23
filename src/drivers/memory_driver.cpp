#include <portfire/memory.hpp>

#include "drivers/drivers.hpp"

namespace portfire::drivers {

namespace {

constexpr const char* example = "memory:";

std::shared_ptr<Storage> open_memory(const StorageUrl& url) {
  if (!url.rest.empty()) {
    refuse_url(url, "a memory storage has no place; \"" + url.rest + "\" must go", example);
  }
  UrlOptions{url, example}.finish();
  return memory::open();
}

}  // namespace

Driver memory_driver() {
  return {.scheme = "memory", .example = example, .open = [](const StorageUrl& url, SchemaPolicy) {
            return open_memory(url);
          }};
}

}  // namespace portfire::drivers
