#pragma once

// SHA-256 by OpenSSL.

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

namespace archive {

class Sha256 {
 public:
  Sha256();

  void add(std::string_view bytes);

  // 64 lower-case digits. Nothing can be added afterwards.
  [[nodiscard]] std::string finish();

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

// Of a text as a whole.
std::string sha256(std::string_view text);

}  // namespace archive
