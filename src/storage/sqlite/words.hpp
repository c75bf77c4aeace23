#pragma once

// Small conversions between values and columns.

#include <string>
#include <string_view>
#include <vector>

namespace portfire::sqlite {

// A list of texts as a JSON array. Bytes that are not UTF-8 are replaced.
std::string text_from_words(const std::vector<std::string>& words);
std::vector<std::string> words_from_text(std::string_view text);

// What is kept of a reason, see `State`.
inline constexpr std::size_t longest_reason_bytes = 1000;

}  // namespace portfire::sqlite
