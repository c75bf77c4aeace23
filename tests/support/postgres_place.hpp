#pragma once

#include <string>
#include <utility>

#include "support/private_postgres.hpp"

namespace portfire {

// A schema of a database of the test program's own server, which makes a place for data in a tenth
// of the time that a database takes. Goes with the object, as what uses it should have gone before.
class PostgresPlace {
 public:
  explicit PostgresPlace(std::string url) : url_{std::move(url)} {
    static int places = 0;
    schema_ = "place" + std::to_string(++places);
  }
  ~PostgresPlace() {
    try {
      PrivatePostgres::shared().execute(url_, "DROP SCHEMA IF EXISTS " + schema_ + " CASCADE");
    } catch (...) {
      // It goes with the server.
    }
  }
  PostgresPlace(const PostgresPlace&) = delete;
  PostgresPlace& operator=(const PostgresPlace&) = delete;

  PostgresPlace() : PostgresPlace{common_database()} {}

  // The database of all places that are not told another.
  static const std::string& common_database() {
    static const std::string url = PrivatePostgres::shared().new_database();
    return url;
  }

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] const std::string& schema() const { return schema_; }

 private:
  const std::string url_;
  std::string schema_;
};

}  // namespace portfire
