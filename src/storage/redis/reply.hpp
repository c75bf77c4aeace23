#pragma once

/// What a Redis server answers, as a value that owns its bytes.
///
/// Errors: an accessor that does not fit the kind throws `StorageError` that names both: the server
/// has broken the protocol of a script.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace portfire::redis {

class Reply {
 public:
  enum class Kind : std::uint8_t { nil, integer, text, array, error };

  Reply() = default;  ///< nil
  static Reply integer(std::int64_t value);
  static Reply text(std::string value);
  static Reply array(std::vector<Reply> items);
  static Reply error(std::string message);

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is_nil() const { return kind_ == Kind::nil; }
  [[nodiscard]] bool is_error() const { return kind_ == Kind::error; }

  [[nodiscard]] std::int64_t as_integer() const;     ///< an integer, or a text that is one
  [[nodiscard]] const std::string& as_text() const;  ///< text and simple strings
  [[nodiscard]] const std::vector<Reply>& as_array() const;
  [[nodiscard]] const std::string& message() const;  ///< of an error: `OOM command not allowed …`

  /// An item of an array, to be replaced while the reply is put together.
  [[nodiscard]] Reply& item(std::size_t index) { return items_.at(index); }

 private:
  Kind kind_ = Kind::nil;
  std::int64_t integer_ = 0;
  std::string text_;
  std::vector<Reply> items_;
};

}  // namespace portfire::redis
