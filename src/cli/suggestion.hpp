#pragma once

// Help for fingers that slipped.

#include <string>
#include <vector>

namespace portfire::cli {

// `; did you mean "list"?`, or nothing when no name is near.
std::string did_you_mean(const std::string& given, const std::vector<std::string>& names);

}  // namespace portfire::cli
