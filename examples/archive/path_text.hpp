#pragma once

// Paths as text. On Linux a path is any bytes; JSON wants UTF-8, and a manifest wants one line.

#include <filesystem>
#include <string>
#include <string_view>

namespace archive {

// The path itself where it is clean UTF-8; `\xNN` for backslashes, control characters and, in paths
// that are not UTF-8, for every byte beyond ASCII. Reversible.
std::string to_text(const std::filesystem::path& path);

std::filesystem::path from_text(std::string_view text);

}  // namespace archive
