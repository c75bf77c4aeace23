// A file that no list names is never built, and a test that is never built proves nothing.

#include <filesystem>
#include <set>
#include <string_view>

#include "tidy/rules.hpp"
#include "tidy/source_text.hpp"

namespace portfire::tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view list_name = "CMakeLists.txt";

bool must_be_listed(std::string_view path) {
  return path.ends_with(".cpp") || path.ends_with(".sql") || path.ends_with("_test.hpp");
}

// Adds every word of a list that could be a file, as a path from the root.
void add_listed(const std::string& list_path, std::string_view text,
                std::set<std::string>& listed) {
  const auto directory = fs::path{list_path}.parent_path();
  for (auto line : lines_of(text)) {
    line = line.substr(0, line.find('#'));
    while (!line.empty()) {
      const auto start = std::min(line.find_first_not_of(" \t()\""), line.size());
      line.remove_prefix(start);
      const auto end = std::min(line.find_first_of(" \t()\""), line.size());
      auto word = std::string{line.substr(0, end)};
      line.remove_prefix(end);
      static constexpr std::string_view here = "${CMAKE_CURRENT_SOURCE_DIR}/";
      if (word.starts_with(here)) word.erase(0, here.size());
      if (!word.empty()) listed.insert((directory / word).lexically_normal().generic_string());
    }
  }
}

}  // namespace

std::vector<Finding> check_build_lists(const Tree& tree) {
  std::set<std::string> listed;
  for (const auto& [path, text] : tree) {
    if (fs::path{path}.filename() == list_name) add_listed(path, text, listed);
  }
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (must_be_listed(path) && !listed.contains(path)) {
      findings.push_back({path, 1, "stands in no CMakeLists.txt"});
    }
  }
  return findings;
}

}  // namespace portfire::tidy
