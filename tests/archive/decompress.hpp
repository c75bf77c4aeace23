#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace archive::testing {

std::string read_file(const std::filesystem::path& path);

// What a compressed copy holds; nothing when it is not whole.
std::optional<std::string> decompress(const std::filesystem::path& path);

}  // namespace archive::testing
