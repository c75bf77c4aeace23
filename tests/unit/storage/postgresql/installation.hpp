#pragma once

#include <memory>
#include <string>
#include <utility>

#include <portfire/postgresql.hpp>

#include "support/postgres_place.hpp"

namespace portfire::postgresql {

// A new schema, in one database of the server of this test program; dropped at the end.
class Installation {
 public:
  static PrivatePostgres& server() { return PrivatePostgres::shared(); }
  static const std::string& url() { return PostgresPlace::common_database(); }
  [[nodiscard]] const std::string& schema() const { return place_.schema(); }

  [[nodiscard]] Options options(Options options = {}) const {
    options.schema = schema();
    return options;
  }
  [[nodiscard]] std::shared_ptr<Storage> open(Options others = {}) const {
    return postgresql::open(url(), options(std::move(others)));
  }

  // Performs statements beside the storage, `:schema` being this one; returns the last field.
  std::string execute(std::string statements) const {
    const std::string name = ":schema";
    for (auto at = statements.find(name); at != std::string::npos; at = statements.find(name)) {
      statements.replace(at, name.size(), schema());
    }
    return server().execute(url(), statements);
  }

 private:
  const PostgresPlace place_;
};

}  // namespace portfire::postgresql
