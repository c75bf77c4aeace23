// What the guarantees name must exist.

#include <algorithm>
#include <regex>
#include <set>

#include "tidy/rules.hpp"
#include "tidy/source_text.hpp"

namespace portfire::tidy {
namespace {

constexpr const char* promises = "docs/reference/guarantees.md";
const std::regex two_names{R"(\(\s*(\w+),\s*(\w+))"};

// `A.B` of each TEST(A, B) and its sisters.
std::set<std::string> tests_of(const Tree& tree) {
  std::set<std::string> names;
  for (const auto& [path, text] : tree) {
    if (!path.starts_with("tests/") && !path.starts_with("src/testing/")) continue;
    for (const char* macro : {"TEST", "TEST_F", "TEST_P"}) {
      for (const auto at : find_word(text, macro)) {
        std::smatch name;
        const auto begin = text.begin() + static_cast<std::ptrdiff_t>(at);
        if (std::regex_search(begin, std::find(begin, text.end(), ')'), name, two_names)) {
          names.insert(name[1].str() + "." + name[2].str());
        }
      }
    }
  }
  return names;
}

}  // namespace

std::vector<Finding> check_promises(const Tree& tree) {
  std::vector<Finding> findings;
  const auto document = tree.find(promises);
  if (document == tree.end()) return {{promises, 1, "is missing"}};
  static const std::regex named{R"(`([A-Z]\w+\.[A-Z]\w+)`)"};
  const std::string& text = document->second;
  const auto known = tests_of(tree);
  for (std::sregex_iterator found{text.begin(), text.end(), named}, end; found != end; ++found) {
    if (known.contains((*found)[1])) continue;
    findings.push_back({promises, line_at(text, static_cast<std::size_t>(found->position())),
                        "names the test " + (*found)[1].str() + ", which is not there"});
  }
  return findings;
}

}  // namespace portfire::tidy
