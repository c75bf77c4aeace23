#pragma once

// The cryptography that the dashboard needs, all of it OpenSSL's.

#include <optional>
#include <string>
#include <string_view>

namespace portfire::dashboard {

// Fresh bytes that nobody can guess. Throws `Error` when the system has none.
std::string random_bytes(std::size_t count);

// HMAC with SHA-256 (RFC 2104), as bytes.
std::string keyed_digest(std::string_view key, std::string_view text);

// Takes as long for a wrong text as for the right one, if they are of one length.
bool equal_in_constant_time(std::string_view one, std::string_view other);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);

// RFC 4648, section 4, with padding; nothing for any other text.
std::optional<std::string> from_base64(std::string_view text);

// A password as it is stored: what scrypt was asked for, and what it gave.
struct PasswordHash {
  unsigned cost = 0;
  unsigned block_size = 0;
  unsigned parallel = 0;
  std::string salt;
  std::string key;

  // Nothing for a text that `hash_password` has not made.
  static std::optional<PasswordHash> parse(std::string_view text);
  [[nodiscard]] std::string to_text() const;
  [[nodiscard]] bool matches(std::string_view password) const;
};

}  // namespace portfire::dashboard
