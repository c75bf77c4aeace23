#pragma once

// What the tests of PostgreSQL's failures share: a database server, and installations on it.

#include <memory>
#include <string>

#include <portfire/postgresql.hpp>
#include <portfire/testing/builders.hpp>

#include "support/drain.hpp"
#include "support/private_postgres.hpp"
#include "support/tcp_gate.hpp"

namespace portfire::faults {

// An installation of its own, in a database of the test's choice.
class Installation {
 public:
  // On the server of this test program, reached over TCP.
  Installation();
  // `url` reaches the database for as long as the object lives, or its data go with the server.
  Installation(PrivatePostgres& server, std::string url);
  ~Installation();
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  // The one of this test program.
  static PrivatePostgres& shared_server();

  [[nodiscard]] PrivatePostgres& server() const { return server_; }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::string url_through(const TcpGate& gate) const;
  [[nodiscard]] const std::string& schema() const { return schema_; }

  [[nodiscard]] std::shared_ptr<Storage> open(postgresql::Options options = {}) const;
  [[nodiscard]] std::shared_ptr<Storage> open_at(const std::string& url,
                                                 postgresql::Options options = {}) const;

  // Performs statements beside all storages, `:schema` being this one; returns the last field.
  std::string execute(std::string statements) const;
  [[nodiscard]] std::string count(const std::string& table) const;

 private:
  PrivatePostgres& server_;
  const std::string url_;
  const std::string schema_;
};

}  // namespace portfire::faults
