#pragma once

// What all connections of one storage share: where to, as whom, and the statements for its schema.

#include <memory>
#include <string>
#include <vector>

#include <portfire/postgresql.hpp>
#include <portfire/runtime.hpp>

#include "embedded_sql.hpp"

namespace portfire::postgresql {

// Constant after construction. Threads: any.
class Settings {
 public:
  // Throws `UsageError` for a connection string or an option that breaks a rule.
  Settings(std::string connection, const Options& options);

  [[nodiscard]] const std::string& connection() const { return connection_; }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const std::string& schema() const { return options_.schema; }
  [[nodiscard]] const std::shared_ptr<Runtime>& runtime() const { return options_.runtime; }

  // A statement with the schema's name in its place.
  [[nodiscard]] const std::string& text(Query query) const {
    return texts_[static_cast<std::size_t>(query)];
  }
  // Replaces `:schema_text` by the name as a literal, `:schema` by the quoted name.
  [[nodiscard]] std::string expanded(std::string_view sql) const;

  // For people, without secrets: `postgresql://host/database?schema=portfire`.
  [[nodiscard]] const std::string& place() const { return place_; }

  // How far the storage's clock is ahead, for the first argument of the functions.
  [[nodiscard]] Duration shift() const {
    return options_.time_offset ? options_.time_offset->get() : Duration::zero();
  }

 private:
  const std::string connection_;
  Options options_;
  std::string place_;
  std::vector<std::string> texts_;
};

std::string quoted_name(std::string_view name);
std::string quoted_text(std::string_view text);

}  // namespace portfire::postgresql
