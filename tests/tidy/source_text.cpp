#include "tidy/source_text.hpp"

#include <algorithm>
#include <cctype>

namespace portfire::tidy {
namespace {

bool is_identifier_char(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '_';
}

class Scanner {
 public:
  explicit Scanner(std::string_view text)
      : text_{text}, code_(text.size(), ' '), comments_(text.size(), ' ') {}

  void run() {
    while (at_ < text_.size()) step();
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] == '\n') code_[i] = comments_[i] = '\n';
    }
  }

  std::string take_code() { return std::move(code_); }
  std::string take_comments() { return std::move(comments_); }

 private:
  void step() {
    if (text_.substr(at_, 2) == "//") return comment_until("\n", 0);
    if (text_.substr(at_, 2) == "/*") return comment_until("*/", 2);
    if (text_[at_] == '"' && opens_raw_string()) return raw_string();
    if (text_[at_] == '"') return literal('"');
    if (text_[at_] == '\'' && !is_digit_separator()) return literal('\'');
    code_[at_] = text_[at_];
    ++at_;
  }

  // `kept` characters of the end belong to the comment.
  void comment_until(std::string_view end, std::size_t kept) {
    const auto found = text_.find(end, at_ + 2);
    const auto stop = found == std::string_view::npos ? text_.size() : found + kept;
    for (; at_ < stop; ++at_) comments_[at_] = text_[at_];
  }

  // Only the quotes themselves count as code.
  void literal(char quote) {
    code_[at_++] = quote;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      at_ += text_[at_] == '\\' ? 2U : 1U;
    }
    if (at_ < text_.size() && text_[at_] == quote) code_[at_++] = quote;
  }

  bool opens_raw_string() const { return at_ > 0 && text_[at_ - 1] == 'R'; }

  void raw_string() {
    const auto open = text_.find('(', at_);
    if (open == std::string_view::npos) return literal('"');
    const auto end = ")" + std::string{text_.substr(at_ + 1, open - at_ - 1)} + "\"";
    const auto found = text_.find(end, open);
    code_[at_] = '"';
    at_ = found == std::string_view::npos ? text_.size() : found + end.size();
    code_[at_ - 1] = '"';
  }

  // 1'000'000: the quote follows the digits of a number.
  bool is_digit_separator() const {
    auto start = at_;
    while (start > 0 && (is_identifier_char(text_[start - 1]) || text_[start - 1] == '\'')) --start;
    return start < at_ && std::isdigit(static_cast<unsigned char>(text_[start])) != 0;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string code_;
  std::string comments_;
};

}  // namespace

std::string code_of(std::string_view text) {
  Scanner scanner{text};
  scanner.run();
  return scanner.take_code();
}

std::string comments_of(std::string_view text) {
  Scanner scanner{text};
  scanner.run();
  return scanner.take_comments();
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::size_t line_at(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  return static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
}

std::vector<std::size_t> find_word(std::string_view text, std::string_view word) {
  std::vector<std::size_t> found;
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    const bool starts =
        at == 0 || !is_identifier_char(word.front()) || !is_identifier_char(text[at - 1]);
    const bool ends =
        end == text.size() || !is_identifier_char(word.back()) || !is_identifier_char(text[end]);
    if (starts && ends) found.push_back(at);
  }
  return found;
}

bool is_cpp(std::string_view path) { return path.ends_with(".cpp") || path.ends_with(".hpp"); }

}  // namespace portfire::tidy
