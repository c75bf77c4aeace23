#pragma once

#include <string>

#include "support/owned_process.hpp"
#include "support/private_postgres.hpp"
#include "support/temporary_directory.hpp"

namespace portfire {

// A PgBouncer of this test program's own that gives each transaction whichever of a few connections
// is free. Needs a server with TCP. Ends with its life, or with the program. Errors:
// std::runtime_error.
class PrivatePooler {
 public:
  PrivatePooler(const PrivatePostgres& server, int connections);
  ~PrivatePooler() = default;
  PrivatePooler(const PrivatePooler&) = delete;
  PrivatePooler& operator=(const PrivatePooler&) = delete;

  [[nodiscard]] std::string url(const std::string& database) const;

 private:
  [[nodiscard]] bool answers() const;

  const TemporaryDirectory directory_;
  const int port_;
  OwnedProcess pooler_;
};

}  // namespace portfire
