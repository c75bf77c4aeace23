#include "storage/postgresql/parameters.hpp"

#include <limits>

namespace portfire::postgresql {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_continuation(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

// Bytes of the character that begins `text`; 0 when it is not one that PostgreSQL keeps.
std::size_t character_bytes(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(at(i))) return 0;
  }
  const unsigned char second = at(1);
  // Overlong forms, surrogates, and what lies beyond the last code point.
  const bool is_wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return is_wrong ? 0 : size;
}

}  // namespace

void put_text(std::string& out, std::string_view text) {
  std::size_t begin = 0;  // of what is fine and not yet copied
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = character_bytes(text.substr(i, 4));
    if (bytes > 0) {
      i += bytes;
      continue;
    }
    out.append(text, begin, i - begin);
    out += replacement;
    begin = ++i;
  }
  out.append(text, begin);
}

void Wire<TimePoint>::put(std::string& out, TimePoint instant) {
  // What lies beyond the calendar of PostgreSQL is `infinity`.
  using Limits = std::numeric_limits<std::int64_t>;
  constexpr TimePoint first = std::chrono::sys_days{std::chrono::year{-4000} / 1 / 1};
  constexpr TimePoint last = std::chrono::sys_days{std::chrono::year{32000} / 1 / 1};
  const std::int64_t bits = instant > last    ? Limits::max()
                            : instant < first ? Limits::min()
                                              : (instant - first_instant).count();
  put_integer(out, bits);
}

const char* const* Parameters::addresses() const {
  addresses_.resize(types_.size());
  for (std::size_t i = 0; i < types_.size(); ++i) {
    addresses_[i] = lengths_[i] < 0 ? nullptr : bytes_.data() + offsets_[i];
  }
  return addresses_.data();
}

void Parameters::begin_array(std::size_t size, TypeNumber element_type) {
  const bool is_empty = size == 0;
  put_integer(bytes_, std::int32_t{is_empty ? 0 : 1});  // dimensions
  put_integer(bytes_, std::int32_t{1});                 // may hold NULLs
  put_integer(bytes_, static_cast<std::int32_t>(element_type));
  if (is_empty) return;
  put_integer(bytes_, static_cast<std::int32_t>(size));
  put_integer(bytes_, std::int32_t{1});  // the first index
}

void Parameters::set_length(std::size_t at, std::size_t length) {
  constexpr std::size_t length_bytes = 4;
  for (std::size_t i = length_bytes; i-- > 0; length >>= 8U) {
    bytes_[at + i] = static_cast<char>(static_cast<unsigned char>(length & 0xFFU));
  }
}

}  // namespace portfire::postgresql
