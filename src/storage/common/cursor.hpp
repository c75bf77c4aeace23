#pragma once

// The cursors of lists: numbers and a text in one string, opaque to whoever carries it.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace portfire {

[[nodiscard]] std::string write_cursor(std::initializer_list<std::int64_t> numbers,
                                       std::string_view text);

// Reads what `write_cursor` wrote with as many numbers; returns the text. Throws UsageError for
// anything else.
std::string read_cursor(const std::string& cursor, std::initializer_list<std::int64_t*> numbers);

}  // namespace portfire
