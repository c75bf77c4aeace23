#pragma once

// Whose a prefix is, and in which version of the layout.

#include "storage/redis/gateway.hpp"
#include "storage/redis/settings.hpp"

namespace portfire::redis {

// Version 3 is described in scripts/keys.lua and scripts/record.lua. Version 2 is the same without
// limits: whoever knows no other would never give a turn away. Version 1 is the same without
// batches as well: whoever knows no other would lose whose members jobs are.
inline constexpr int newest_layout = 3;

// 0: nobody's. Throws `StorageError` where it belongs to another program.
int layout_under(const Settings& settings, Gateway& gateway);

// Throws `StorageError` unless the prefix can be used by this library. `begin` makes it ours where
// it is nobody's.
void prepare_layout(const Settings& settings, Gateway& gateway, bool begin);

// Removes all keys of the prefix.
void remove_layout(const Settings& settings, Gateway& gateway);

}  // namespace portfire::redis
