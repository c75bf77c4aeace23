#pragma once

// The description of the API, as it stands in openapi.json.

#include <string_view>

namespace portfire::dashboard {

std::string_view openapi_text();

}  // namespace portfire::dashboard
