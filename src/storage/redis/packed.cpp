#include "storage/redis/packed.hpp"

#include <portfire/error.hpp>

namespace portfire::redis {

std::string_view PackedReader::bytes(std::size_t size) {
  if (size > rest_.size()) {
    throw StorageError{"a stored value ends after " + std::to_string(rest_.size()) + " of the " +
                           std::to_string(size) +
                           " bytes that it should have; something else has written under the "
                           "prefix of this installation",
                       {.operation = "read"}};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint64_t PackedReader::number(std::size_t width) {
  std::uint64_t value = 0;
  for (const char byte : bytes(width)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

std::int64_t PackedReader::signed_number(std::size_t width) {
  const std::uint64_t value = number(width);
  return width == 1 ? static_cast<std::int8_t>(value) : static_cast<std::int64_t>(value);
}

}  // namespace portfire::redis
