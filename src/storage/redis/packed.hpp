#pragma once

// Numbers and texts as the scripts pack them: the highest byte first, texts behind their length.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <portfire/id.hpp>
#include <portfire/time.hpp>

namespace portfire::redis {

class PackedWriter {
 public:
  // The lowest `width` bytes of a number.
  PackedWriter& number(std::uint64_t value, std::size_t width) {
    for (std::size_t left = width; left > 0; --left) {
      bytes_ += static_cast<char>(static_cast<unsigned char>(value >> (8 * (left - 1))));
    }
    return *this;
  }
  PackedWriter& signed_number(std::int64_t value, std::size_t width) {
    return number(static_cast<std::uint64_t>(value), width);
  }
  PackedWriter& text(std::string_view value, std::size_t width) {
    number(value.size(), width);
    bytes_ += value;
    return *this;
  }
  template <class Tag>
  PackedWriter& id(Id<Tag> value) {
    return number(value.high(), 8).number(value.low(), 8);
  }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

// Throws `StorageError` where the bytes end too early: somebody else has written them.
class PackedReader {
 public:
  explicit PackedReader(std::string_view bytes) : rest_{bytes} {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

  std::uint64_t number(std::size_t width);
  std::int64_t signed_number(std::size_t width);  // 1 or 8 bytes
  std::string_view bytes(std::size_t size);
  std::string_view text(std::size_t width) { return bytes(number(width)); }
  TimePoint time() { return TimePoint{Duration{static_cast<Duration::rep>(number(7))}}; }

  template <class IdType>
  IdType id() {
    const std::uint64_t high = number(8);
    return IdType{high, number(8)};
  }

 private:
  std::string_view rest_;
};

template <class IdType>
IdType id_in(std::string_view bytes) {
  return PackedReader{bytes}.id<IdType>();
}

}  // namespace portfire::redis
