#include "dashboard/security/secrets.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include <portfire/dashboard_access.hpp>
#include <portfire/error.hpp>

namespace portfire {

namespace dashboard {

namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t key_bytes = 32;
// RFC 7914 calls these N, r and p; 16 MiB and some 50 ms.
constexpr unsigned usual_cost = 16384;
constexpr unsigned usual_block_size = 8;
constexpr unsigned usual_parallel = 1;
constexpr std::uint64_t most_memory = std::uint64_t{256} * 1024 * 1024;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());  // NOLINT: what OpenSSL takes
}
unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());  // NOLINT: what OpenSSL takes
}

std::string derived_key(const PasswordHash& hash, std::string_view password, std::size_t size) {
  std::string key(size, '\0');
  if (EVP_PBE_scrypt(password.data(), password.size(), bytes_of(hash.salt), hash.salt.size(),
                     hash.cost, hash.block_size, hash.parallel, most_memory, bytes_of(key),
                     key.size()) != 1) {
    throw Error{"scrypt could not be computed: is there no memory for it?"};
  }
  return key;
}

std::optional<unsigned> read_number(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(bytes_of(bytes), static_cast<int>(count)) != 1) {
    throw Error{"the system has no randomness to make secrets from"};
  }
  return bytes;
}

std::string keyed_digest(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
           digest.data(), &size) == nullptr) {
    throw Error{"HMAC with SHA-256 could not be computed"};
  }
  return {digest.begin(), digest.begin() + size};
}

bool equal_in_constant_time(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += digits[value >> 4U];
    text += digits[value & 15U];
  }
  return text;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 2, value, 16);
    if (error != std::errc{} || end != text.data() + at + 2) return std::nullopt;
    bytes += static_cast<char>(value);
  }
  return bytes;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(bytes_of(bytes), bytes_of(text), static_cast<int>(text.size()));
  const auto padding = static_cast<std::size_t>(std::ranges::count(text, '='));
  if (size != static_cast<int>(bytes.size()) || padding > 2) return std::nullopt;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

std::optional<PasswordHash> PasswordHash::parse(std::string_view text) {
  const auto parts = split(text, '$');
  if (parts.size() != 6 || parts[0] != "scrypt") return std::nullopt;
  const auto cost = read_number(parts[1]);
  const auto block_size = read_number(parts[2]);
  const auto parallel = read_number(parts[3]);
  const auto salt = from_hex(parts[4]);
  const auto key = from_hex(parts[5]);
  const bool is_power_of_two = cost && *cost > 1 && (*cost & (*cost - 1)) == 0;
  if (!is_power_of_two || !block_size || !parallel || !salt || !key || key->size() < key_bytes ||
      *block_size == 0 || *parallel == 0 ||
      std::uint64_t{128} * *cost * *block_size * *parallel > most_memory) {
    return std::nullopt;
  }
  return PasswordHash{
      .cost = *cost, .block_size = *block_size, .parallel = *parallel, .salt = *salt, .key = *key};
}

std::string PasswordHash::to_text() const {
  return "scrypt$" + std::to_string(cost) + '$' + std::to_string(block_size) + '$' +
         std::to_string(parallel) + '$' + to_hex(salt) + '$' + to_hex(key);
}

bool PasswordHash::matches(std::string_view password) const {
  return equal_in_constant_time(key, derived_key(*this, password, key.size()));
}

}  // namespace dashboard

std::string hash_password(std::string_view password) {
  dashboard::PasswordHash hash{.cost = dashboard::usual_cost,
                               .block_size = dashboard::usual_block_size,
                               .parallel = dashboard::usual_parallel,
                               .salt = dashboard::random_bytes(dashboard::salt_bytes),
                               .key = {}};
  hash.key = dashboard::derived_key(hash, password, dashboard::key_bytes);
  return hash.to_text();
}

}  // namespace portfire
