// What no file may contain. Some words are spelt in two halves, because this file is read too.

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "tidy/rules.hpp"
#include "tidy/source_text.hpp"

namespace portfire::tidy {
namespace {

constexpr std::array unfinished = {
    "TO"
    "DO",
    "FIX"
    "ME",
    "X"
    "XX",
    "HA"
    "CK"};

// Directories of one developer's machine; a path in the tree must work everywhere.
constexpr std::array machine_paths = {
    "/wo"
    "rk/",
    "/ro"
    "ot/",
    "/tmp/bu"
    "ild"};

// The project writes British English.
constexpr std::array american = {
    "behavior",   "behaviors",   "color",          "colors",       "honor",      "favor",
    "neighbor",   "canceled",    "canceling",      "serialize",    "serialized", "serialization",
    "initialize", "initialized", "initialization", "optimize",     "optimized",  "optimization",
    "recognize",  "recognized",  "synchronize",    "synchronized", "organize",   "organized",
    "normalize",  "normalized",  "specialize",     "specialized",  "center",     "analyze"};

bool is_prose(std::string_view path) { return path.ends_with(".md"); }

bool is_foreign(std::string_view path) { return path == "LICENSE"; }

// Names of other people's interfaces stand in back-quotes, which prose rules leave alone.
std::string without_quotations(std::string text) {
  bool quoted = false;
  for (auto& character : text) {
    if (character == '\n') quoted = false;
    if (character == '`') quoted = !quoted;
    if (quoted && character != '\n') character = ' ';
  }
  return text;
}

template <class Words>
void find_words(const std::string& path, std::string_view text, const Words& words,
                std::string_view why, std::vector<Finding>& findings) {
  for (const std::string_view word : words) {
    for (const auto at : find_word(text, word)) {
      findings.push_back(
          {path, line_at(text, at), "`" + std::string{word} + "` " + std::string{why}});
    }
  }
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char character) {
    return static_cast<char>(std::tolower(character));
  });
  return text;
}

}  // namespace

std::vector<Finding> check_words(const Tree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (is_foreign(path)) continue;
    find_words(path, text, unfinished, "marks unfinished work; finish it or open an issue",
               findings);
    find_words(path, text, machine_paths, "is a path of one machine", findings);
    if (!is_prose(path) && !is_cpp(path)) continue;
    const auto prose = lower_case(without_quotations(is_prose(path) ? text : comments_of(text)));
    find_words(path, prose, american, "is not British spelling", findings);
  }
  return findings;
}

}  // namespace portfire::tidy
