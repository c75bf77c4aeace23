#include "crash/names.hpp"

#include <cxxabi.h>
#include <signal.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace portfire::crash {

namespace {

std::string hexadecimal(std::uint64_t number) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  return "0x" + std::string{digits.data(), end};
}

}  // namespace

std::string demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text{
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free};
  return status == 0 ? text.get() : name;
}

std::string file_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return path.substr(slash == std::string::npos ? 0 : slash + 1);
}

std::string plain_frame(const CodeLocation& location) {
  if (location.module.empty()) return hexadecimal(location.offset);
  return file_name(location.module) + "+" + hexadecimal(location.offset);
}

std::string hexadecimal(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name == nullptr ? "signal " + std::to_string(number) : std::string{"SIG"} + name;
}

}  // namespace portfire::crash
