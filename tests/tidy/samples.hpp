#pragma once

// What the tests of the rules share: a rule, a tree made of bad samples, and where it must fire.

#include <string>
#include <utility>
#include <vector>

#include "tidy/rules.hpp"

namespace portfire::tidy {

using Places = std::vector<std::pair<std::string, std::size_t>>;

/// Only where, because messages are free to improve.
inline Places places(const std::vector<Finding>& findings) {
  Places result;
  for (const auto& finding : findings) result.emplace_back(finding.path, finding.line);
  return result;
}

inline std::string repeat(const std::string& text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

}  // namespace portfire::tidy
