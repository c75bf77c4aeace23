#pragma once

// Enumerators by the names under which they are stored.

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace portfire {

// `names` are those of the enumerators, by their numbers.
template <class Enum, std::size_t count>
std::optional<Enum> parse_name(const std::array<std::string_view, count>& names,
                               std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace portfire
