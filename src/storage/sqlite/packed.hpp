#pragma once

// Lists of numbers as bytes: differences, seven bits a byte. Neighbours take one byte each. Two
// series may be mixed (keys and epochs): each counts its differences by itself.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace portfire::sqlite {

class PackedWriter {
 public:
  void add(std::int64_t value, std::size_t series = 0) {
    std::int64_t& last = last_[series];
    const auto difference = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(last);
    last = value;
    // The sign goes to the lowest bit, so that small steps back are short as well.
    std::uint64_t rest = (difference << 1) ^ (difference >> 63 != 0 ? ~std::uint64_t{0} : 0);
    while (rest >= 0x80) {
      bytes_.push_back(static_cast<char>(static_cast<unsigned char>(rest | 0x80)));
      rest >>= 7;
    }
    bytes_.push_back(static_cast<char>(static_cast<unsigned char>(rest)));
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::array<std::int64_t, 2> last_{};
};

class PackedReader {
 public:
  explicit PackedReader(std::string_view bytes) : bytes_{bytes} {}

  // Returns false at the end, or where the bytes are cut off.
  bool next(std::int64_t& value, std::size_t series = 0) {
    std::int64_t& last = last_[series];
    std::uint64_t rest = 0;
    for (unsigned shift = 0; at_ < bytes_.size() && shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      rest |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) != 0) continue;
      const std::uint64_t difference = (rest >> 1) ^ ((rest & 1) != 0 ? ~std::uint64_t{0} : 0);
      last = static_cast<std::int64_t>(static_cast<std::uint64_t>(last) + difference);
      value = last;
      return true;
    }
    return false;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::array<std::int64_t, 2> last_{};
};

}  // namespace portfire::sqlite
