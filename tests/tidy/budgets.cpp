// Lengths. The limits are hard; the aims (files of 300 lines, functions of 25) are for reviewers.

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "tidy/rules.hpp"
#include "tidy/source_text.hpp"

namespace portfire::tidy {
namespace {

constexpr std::size_t max_file_lines = 500;
constexpr std::size_t max_function_lines = 70;
constexpr std::size_t max_columns = 100;

bool has_line_budget(std::string_view path) {
  static constexpr std::array endings = {".cpp",   ".hpp",           ".sql",    ".sh",
                                         ".cmake", "CMakeLists.txt", "Makefile"};
  return std::ranges::any_of(endings, [&](std::string_view end) { return path.ends_with(end); });
}

// Characters, not bytes: continuation bytes of UTF-8 take no column.
std::size_t columns_of(std::string_view line) {
  return static_cast<std::size_t>(std::ranges::count_if(
      line, [](char character) { return (static_cast<unsigned char>(character) & 0xC0) != 0x80; }));
}

void check_lines(const std::string& path, std::string_view text, std::vector<Finding>& findings) {
  const auto lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].empty() &&
        std::string_view{" \t\r"}.find(lines[i].back()) != std::string_view::npos) {
      findings.push_back({path, i + 1, "has blanks at its end"});
    }
    if (has_line_budget(path) && columns_of(lines[i]) > max_columns) {
      findings.push_back({path, i + 1,
                          "is " + std::to_string(columns_of(lines[i])) + " columns wide; " +
                              std::to_string(max_columns) + " are the limit"});
    }
  }
  if (has_line_budget(path) && lines.size() > max_file_lines) {
    findings.push_back({path, lines.size(),
                        "has " + std::to_string(lines.size()) + " lines; " +
                            std::to_string(max_file_lines) + " are the limit"});
  }
}

// Whether a brace after this text, outside any function, opens the body of one.
bool declares_function(std::string_view statement) {
  const auto last_parenthesis = statement.rfind(')');
  if (last_parenthesis == std::string_view::npos) return false;
  for (const std::string_view word : {"class", "struct", "union", "enum", "namespace"}) {
    const auto found = find_word(statement, word);
    if (found.empty()) continue;
    const bool is_first = statement.find_first_not_of(" \n") == found.front();
    if (is_first || found.back() > last_parenthesis) return false;
  }
  return true;
}

// Finds functions by their braces: a brace that opens outside any function, after a statement with
// a parameter list, opens one. Good enough to measure; not a parser.
class FunctionMeter {
 public:
  FunctionMeter(const std::string& path, std::string_view code) : path_{path}, code_{code} {}

  std::vector<Finding> run() {
    for (at_ = 0; at_ < code_.size(); ++at_) {
      const char character = code_[at_];
      if (character == '#' && at_line_start())
        skip_directive();
      else if (character == '{')
        open();
      else if (character == '}')
        close();
      else if (character == ';' && !inside_function())
        statement_ = at_ + 1;
    }
    return std::move(findings_);
  }

 private:
  [[nodiscard]] bool inside_function() const { return function_depth_ > 0; }

  [[nodiscard]] bool at_line_start() const {
    const auto line = code_.substr(0, at_).rfind('\n');
    const auto start = line == std::string_view::npos ? 0 : line + 1;
    return code_.substr(start, at_ - start).find_first_not_of(" \t") == std::string_view::npos;
  }

  void skip_directive() {
    while (at_ < code_.size() && (code_[at_] != '\n' || code_[at_ - 1] == '\\')) ++at_;
  }

  void open() {
    if (inside_function()) {
      ++function_depth_;
    } else if (declares_function(code_.substr(statement_, at_ - statement_))) {
      if (!function_start_) function_start_ = at_;
      function_depth_ = 1;
    } else {
      statement_ = at_ + 1;
    }
  }

  void close() {
    if (!inside_function()) {
      statement_ = at_ + 1;
      return;
    }
    if (--function_depth_ > 0) return;
    const auto next = code_.find_first_not_of(" \t\n", at_ + 1);
    // A member initialiser such as `: a_{1}, b_{2} {` is not the end yet.
    const bool continues =
        next != std::string_view::npos && (code_[next] == ',' || code_[next] == '{');
    if (continues) return;
    measure();
    function_start_.reset();
    statement_ = at_ + 1;
  }

  void measure() {
    const auto first = line_at(code_, *function_start_);
    const auto size = line_at(code_, at_) - first + 1;
    if (size <= max_function_lines) return;
    findings_.push_back({path_, first,
                         "opens a function of " + std::to_string(size) + " lines; " +
                             std::to_string(max_function_lines) + " are the limit"});
  }

  const std::string& path_;
  std::string_view code_;
  std::size_t at_ = 0;
  std::size_t statement_ = 0;
  int function_depth_ = 0;
  std::optional<std::size_t> function_start_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_budgets(const Tree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    check_lines(path, text, findings);
    if (!is_cpp(path)) continue;
    const auto code = code_of(text);
    const auto long_functions = FunctionMeter{path, code}.run();
    findings.insert(findings.end(), long_functions.begin(), long_functions.end());
  }
  return findings;
}

}  // namespace portfire::tidy
