#pragma once

// Just enough of a C++ scanner to tell code from comments and literals.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace portfire::tidy {

/// The text with comments and the insides of string and character literals blanked out; line breaks
/// stay, so that offsets and line numbers still fit.
std::string code_of(std::string_view text);

/// The reverse: only comments remain.
std::string comments_of(std::string_view text);

std::vector<std::string_view> lines_of(std::string_view text);

/// The number, from 1, of the line at an offset.
std::size_t line_at(std::string_view text, std::size_t offset);

/// The offsets at which `word` stands by itself, not as part of a longer identifier.
std::vector<std::size_t> find_word(std::string_view text, std::string_view word);

/// Whether a path ends like a C++ source or header.
bool is_cpp(std::string_view path);

}  // namespace portfire::tidy
