#include "cli/suggestion.hpp"

#include <algorithm>
#include <numeric>

namespace portfire::cli {

namespace {

// How many characters must be inserted, removed or replaced to make one text the other.
std::size_t edits_between(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(const std::string& given, const std::vector<std::string>& names) {
  const std::size_t most_edits = std::max<std::size_t>(1, given.size() / 3);
  const std::string* nearest = nullptr;
  std::size_t fewest = most_edits + 1;
  for (const std::string& name : names) {
    const std::size_t edits = edits_between(given, name);
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = &name;
  }
  return nearest == nullptr ? "" : "; did you mean \"" + *nearest + "\"?";
}

}  // namespace portfire::cli
