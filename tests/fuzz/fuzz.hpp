#pragma once

// What the fuzzers share. Each is a function of bytes that must neither crash nor break a promise.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace portfire::fuzz {

// Ends the program, as a crash does, where a promise is broken.
inline void expect(bool holds, const std::string& promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise.c_str());
  std::abort();
}

// The bytes of an input, from the first to the last.
class Input {
 public:
  Input(const std::uint8_t* bytes, std::size_t size)
      : left_{reinterpret_cast<const char*>(bytes), size} {}

  // Zero where nothing is left.
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return value;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8U | byte();
    return value;
  }
  // Up to the next end of a line.
  std::string line() {
    const auto end = left_.find('\n');
    std::string text{left_.substr(0, end)};
    left_.remove_prefix(end == std::string_view::npos ? left_.size() : end + 1);
    return text;
  }
  [[nodiscard]] bool is_empty() const { return left_.empty(); }
  [[nodiscard]] std::string rest() const { return std::string{left_}; }

 private:
  std::string_view left_;
};

// Whether text is UTF-8 as RFC 3629 has it.
bool is_utf8(std::string_view text);

}  // namespace portfire::fuzz

// Each fuzzer has one; the fuzzing engine calls it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);
