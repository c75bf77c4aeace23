#include "storage/common/cursor.hpp"

#include <charconv>

#include <portfire/error.hpp>

namespace portfire {

std::string write_cursor(std::initializer_list<std::int64_t> numbers, std::string_view text) {
  std::string cursor;
  for (const std::int64_t number : numbers) cursor += std::to_string(number) + ':';
  return cursor.append(text);
}

std::string read_cursor(const std::string& cursor, std::initializer_list<std::int64_t*> numbers) {
  std::string_view rest = cursor;
  for (std::int64_t* number : numbers) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), *number);
    const auto length = static_cast<std::size_t>(end - rest.data());
    if (error != std::errc{} || length == rest.size() || *end != ':') {
      throw UsageError{"cursor '" + cursor + "': is not one that a list has given out"};
    }
    rest.remove_prefix(length + 1);
  }
  return std::string{rest};
}

}  // namespace portfire
