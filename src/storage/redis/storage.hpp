#pragma once

#include <memory>

#include <portfire/storage/storage.hpp>

#include "storage/redis/settings.hpp"

namespace portfire::redis {

// What `open` does once it knows where. `begin`: makes an installation where there is none.
std::shared_ptr<Storage> open_storage(Settings settings, bool begin);

}  // namespace portfire::redis
