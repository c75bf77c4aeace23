#pragma once

// Templates of recurring jobs as scripts/templates.lua has them.

#include <string>
#include <string_view>

#include <portfire/storage/recurring.hpp>

namespace portfire::redis {

// The part that the scripts do not look into, and the name in front of it.
std::string pack_template(const RecurringRecord& record);

// What is stored under an id.
RecurringRecord read_template(std::string_view id, std::string_view stored);

}  // namespace portfire::redis
