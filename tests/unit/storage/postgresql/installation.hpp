#pragma once

#include <memory>
#include <string>
#include <utility>

#include <portfire/postgresql.hpp>

#include "support/private_postgres.hpp"

namespace portfire::postgresql {

// A new schema, in one database of the server of this test program; dropped at the end.
class Installation {
 public:
  Installation() {
    static int count = 0;
    schema_ = "installation" + std::to_string(++count);
  }
  ~Installation() {
    try {
      execute("DROP SCHEMA IF EXISTS :schema CASCADE");
    } catch (const std::exception&) {
      // The server is stopped: the directory goes as a whole.
    }
  }
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;

  static PrivatePostgres& server() { return PrivatePostgres::shared(); }
  static const std::string& url() {
    static const std::string database = server().new_database();
    return database;
  }
  [[nodiscard]] const std::string& schema() const { return schema_; }

  [[nodiscard]] Options options(Options options = {}) const {
    options.schema = schema_;
    return options;
  }
  [[nodiscard]] std::shared_ptr<Storage> open(Options others = {}) const {
    return postgresql::open(url(), options(std::move(others)));
  }

  // Performs statements beside the storage, `:schema` being this one; returns the last field.
  std::string execute(std::string statements) const {
    const std::string name = ":schema";
    for (auto at = statements.find(name); at != std::string::npos; at = statements.find(name)) {
      statements.replace(at, name.size(), schema_);
    }
    return server().execute(url(), statements);
  }

 private:
  std::string schema_;
};

}  // namespace portfire::postgresql
