#pragma once

// Names in which upper and lower case are one: of headers, hosts, schemes. ASCII alone.

#include <algorithm>
#include <cctype>
#include <string_view>

namespace portfire::dashboard {

inline bool equal_in_any_case(std::string_view one, std::string_view other) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return std::ranges::equal(one, other, {}, lower, lower);
}

}  // namespace portfire::dashboard
