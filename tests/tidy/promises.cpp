// What the guarantees name must exist, and each of them must name something.

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tidy/rules.hpp"
#include "tidy/source_text.hpp"

namespace portfire::tidy {
namespace {

constexpr const char* promises = "docs/reference/guarantees.md";
constexpr const char* shown_by = "shown by";
const std::regex two_names{R"(\(\s*(\w+),\s*(\w+))"};
const std::regex named{R"(`([A-Z]\w+\.[A-Z]\w+)`)"};

// `A.B` of each TEST(A, B) and its sisters.
std::set<std::string> tests_of(const Tree& tree) {
  std::set<std::string> names;
  for (const auto& [path, whole] : tree) {
    if (!path.starts_with("tests/") && !path.starts_with("src/testing/")) continue;
    // A test in a comment is not run, and one in a literal is a sample.
    const std::string text = code_of(whole);
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

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  const auto end = text.find_last_not_of(' ');
  return begin == text.npos ? std::string{} : std::string{text.substr(begin, end - begin + 1)};
}

// Of a line of a table; empty for any other.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  if (!line.starts_with('|')) return cells;
  line.remove_prefix(1);
  for (auto end = line.find('|'); end != line.npos; end = line.find('|')) {
    cells.push_back(trimmed(line.substr(0, end)));
    line.remove_prefix(end + 1);
  }
  return cells;
}

bool is_rule(const std::string& cell) {
  return !cell.empty() && cell.find_first_not_of("-:") == std::string::npos;
}

// Where a table has a column or a row `shown by`, each promise names a test there.
std::vector<Finding> find_unshown(const std::string& text) {
  std::vector<Finding> findings;
  bool has_column = false;
  bool in_table = false;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    const auto cells = cells_of(line);
    const bool is_header = !cells.empty() && !in_table;
    in_table = !cells.empty();
    if (is_header) has_column = cells.back() == shown_by;
    if (!in_table || is_header || is_rule(cells.front())) continue;
    const bool is_row = cells.front() == shown_by;
    for (std::size_t i = 1; i < cells.size(); ++i) {
      const bool must = (has_column && i + 1 == cells.size()) || (is_row && !cells[i].empty());
      if (!must || std::regex_search(cells[i], named)) continue;
      findings.push_back({promises, number, "promises something and names no test that shows it"});
    }
  }
  return findings;
}

}  // namespace

std::vector<Finding> check_promises(const Tree& tree) {
  const auto document = tree.find(promises);
  if (document == tree.end()) return {{promises, 1, "is missing"}};
  const std::string& text = document->second;
  std::vector<Finding> findings = find_unshown(text);
  const auto known = tests_of(tree);
  for (std::sregex_iterator found{text.begin(), text.end(), named}, end; found != end; ++found) {
    if (known.contains((*found)[1])) continue;
    findings.push_back({promises, line_at(text, static_cast<std::size_t>(found->position())),
                        "names the test " + (*found)[1].str() + ", which is not there"});
  }
  return findings;
}

}  // namespace portfire::tidy
