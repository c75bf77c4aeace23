#pragma once

// Whether a server is one to rely on.

#include <string>
#include <string_view>
#include <vector>

#include "storage/redis/errors.hpp"
#include "storage/redis/settings.hpp"

namespace portfire::redis {

// The value of a line `name:value` of what INFO answers; empty when there is none.
std::string_view info_value(std::string_view info, std::string_view name);

// Throws `RedisError` unless it is, by what INFO answers (sections `server` and `memory`); returns
// what is tolerated because the settings say so.
std::vector<std::string> check_server(std::string_view info, const Settings& settings,
                                      const Scene& scene);

}  // namespace portfire::redis
