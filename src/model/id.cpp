#include <portfire/id.hpp>

#include <array>

namespace portfire {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_dash_position(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

constexpr std::uint32_t counter_bits = 26;
constexpr std::uint32_t counter_limit = 1U << counter_bits;

}  // namespace

namespace detail {

std::string format_id(std::uint64_t high, std::uint64_t low) {
  std::string text(36, '-');
  std::size_t digit = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) continue;
    const std::uint64_t half = digit < 16 ? high : low;
    text[i] = hex_digits[(half >> (60 - 4 * (digit % 16))) & 0xF];
    ++digit;
  }
  return text;
}

bool parse_id(std::string_view text, std::uint64_t& high, std::uint64_t& low) {
  if (text.size() != 36) return false;
  std::array<std::uint64_t, 2> halves{};
  std::size_t digit = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return false;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return false;
    halves[digit / 16] = halves[digit / 16] << 4 | static_cast<std::uint64_t>(value);
    ++digit;
  }
  high = halves[0];
  low = halves[1];
  return true;
}

}  // namespace detail

IdGenerator::Bits IdGenerator::next_bits(TimePoint now, std::uint64_t random) {
  const auto count = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const auto millisecond = static_cast<std::uint64_t>(count < 0 ? 0 : count);
  if (millisecond > millisecond_) {
    millisecond_ = millisecond;
    counter_ = static_cast<std::uint32_t>(random >> 39) & (counter_limit / 2 - 1);
  } else if (++counter_ == counter_limit) {
    ++millisecond_;
    counter_ = 0;
  }
  constexpr std::uint64_t version = 7;
  constexpr std::uint64_t variant = 2;
  const std::uint64_t counter_high = counter_ >> 14;
  const std::uint64_t counter_low = counter_ & 0x3FFF;
  const std::uint64_t tail = random & 0xFFFF'FFFF'FFFFULL;
  return {(millisecond_ & 0xFFFF'FFFF'FFFFULL) << 16 | version << 12 | counter_high,
          variant << 62 | counter_low << 48 | tail};
}

}  // namespace portfire
