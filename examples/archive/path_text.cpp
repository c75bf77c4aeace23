#include "path_text.hpp"

#include <charconv>

#include <nlohmann/json.hpp>

namespace archive {

namespace {

constexpr unsigned char first_printable = 0x20;
constexpr unsigned char last_ascii = 0x7E;

bool is_utf8(const std::string& bytes) {
  try {
    static_cast<void>(nlohmann::json(bytes).dump());
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

}  // namespace

std::string to_text(const std::filesystem::path& path) {
  const bool readable = is_utf8(path.native());
  std::string text;
  for (const char character : path.native()) {
    const auto byte = static_cast<unsigned char>(character);
    const bool plain = byte >= first_printable && byte <= last_ascii && byte != '\\';
    if (plain || (byte > last_ascii + 1 && readable)) {
      text += character;
    } else {
      constexpr std::string_view digits = "0123456789abcdef";
      text += {'\\', 'x', digits[byte / 16U], digits[byte % 16U]};
    }
  }
  return text;
}

std::filesystem::path from_text(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    unsigned int byte = 0;
    if (text.size() >= 4 && text.starts_with("\\x") &&
        std::from_chars(text.data() + 2, text.data() + 4, byte, 16).ptr == text.data() + 4) {
      bytes += static_cast<char>(byte);
      text.remove_prefix(4);
    } else {
      bytes += text.front();
      text.remove_prefix(1);
    }
  }
  return bytes;
}

}  // namespace archive
