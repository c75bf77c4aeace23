#include "sha256.hpp"

#include <array>
#include <stdexcept>

namespace archive {

namespace {

void check(int answer) {
  if (answer != 1) throw std::runtime_error{"OpenSSL cannot compute SHA-256"};
}

}  // namespace

Sha256::Sha256() : context_{EVP_MD_CTX_new(), &EVP_MD_CTX_free} {
  check(context_ != nullptr ? EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) : 0);
}

void Sha256::add(std::string_view bytes) {
  check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string Sha256::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  check(EVP_DigestFinal_ex(context_.get(), bytes.data(), &size));
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += {digits[bytes.at(i) / 16U], digits[bytes.at(i) % 16U]};
  }
  return text;
}

std::string sha256(std::string_view text) {
  Sha256 hash;
  hash.add(text);
  return hash.finish();
}

}  // namespace archive
