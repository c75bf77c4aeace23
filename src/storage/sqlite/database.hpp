#pragma once

// One connection to a SQLite file, its statements prepared once each, and its errors as exceptions.

#include <sqlite3.h>

#include <array>
#include <cassert>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <portfire/error.hpp>
#include <portfire/id.hpp>
#include <portfire/time.hpp>

#include "embedded_sql.hpp"

namespace portfire::sqlite {

// Bytes that are not text.
struct Blob {
  std::string_view bytes;
};

class Rows;

// Threads: one at a time. Text and blobs handed to a statement are not copied: they outlive its
// use.
class Database {
 public:
  enum class Access { read_only, read_write, create };

  // Throws `StorageError`.
  Database(const std::filesystem::path& file, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs a statement that answers nothing.
  template <class... Values>
  void run(Query query, const Values&... values);

  // Runs a statement; its rows are read from the result, which ends it.
  template <class... Values>
  [[nodiscard]] Rows rows(Query query, const Values&... values);

  // Statements that are needed once.
  void execute(const std::string& sql);
  [[nodiscard]] std::int64_t number(const std::string& sql);

  // Rows changed by the last `run`.
  [[nodiscard]] std::int64_t changes() const { return sqlite3_changes64(handle_); }
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

  // For hot paths that bind by themselves.
  sqlite3_stmt* statement(Query query) {
    sqlite3_stmt*& statement = statements_[static_cast<std::size_t>(query)];
    if (statement == nullptr) statement = prepare(query_texts[static_cast<std::size_t>(query)]);
    return statement;
  }
  // Steps to the end and resets. Throws when that fails.
  void finish(sqlite3_stmt* statement) {
    const int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW) fail(code);
  }

  // Throws what the code means; `operation_` says during what.
  [[noreturn]] void fail(int code) const;
  void set_operation(const char* operation) { operation_ = operation; }

  [[nodiscard]] sqlite3* handle() { return handle_; }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  sqlite3_stmt* prepare(const char* sql) const;

  const std::filesystem::path file_;
  const char* operation_ = "open";
  sqlite3* handle_ = nullptr;
  std::array<sqlite3_stmt*, query_texts.size()> statements_{};
};

inline void bind_value(sqlite3_stmt* statement, int index, std::nullptr_t) {
  sqlite3_bind_null(statement, index);
}
inline void bind_value(sqlite3_stmt* statement, int index, double value) {
  sqlite3_bind_double(statement, index, value);
}
template <class Integer>
  requires(std::is_integral_v<Integer> || std::is_enum_v<Integer>)
void bind_value(sqlite3_stmt* statement, int index, Integer value) {
  sqlite3_bind_int64(statement, index, static_cast<sqlite3_int64>(value));
}
inline void bind_value(sqlite3_stmt* statement, int index, std::string_view text) {
  // An empty view may have no address, which SQLite would take for NULL.
  sqlite3_bind_text64(statement, index, text.data() != nullptr ? text.data() : "", text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
}
inline void bind_value(sqlite3_stmt* statement, int index, Blob blob) {
  sqlite3_bind_blob64(statement, index, blob.bytes.data() != nullptr ? blob.bytes.data() : "",
                      blob.bytes.size(), SQLITE_STATIC);
}
inline void bind_value(sqlite3_stmt* statement, int index, TimePoint value) {
  sqlite3_bind_int64(statement, index, value.time_since_epoch().count());
}
inline void bind_value(sqlite3_stmt* statement, int index, Duration value) {
  sqlite3_bind_int64(statement, index, value.count());
}

// An id as it is stored: big-endian, so that stored ids sort like ids.
class IdBytes {
 public:
  template <class Tag>
  explicit IdBytes(Id<Tag> id) {
    put(0, id.high());
    put(8, id.low());
  }
  [[nodiscard]] const char* data() const { return bytes_.data(); }

 private:
  void put(std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) {
      bytes_[at + i] = static_cast<char>(static_cast<unsigned char>(value >> (56 - 8 * i)));
    }
  }
  std::array<char, 16> bytes_;
};

template <class IdType>
IdType read_id(const void* bytes) {
  const auto* p = static_cast<const unsigned char*>(bytes);
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (int i = 0; i < 8; ++i) high = (high << 8) | p[i];
  for (int i = 8; i < 16; ++i) low = (low << 8) | p[i];
  return IdType{high, low};
}

template <class Tag>
void bind_value(sqlite3_stmt* statement, int index, Id<Tag> id) {
  sqlite3_bind_blob(statement, index, IdBytes{id}.data(), 16, SQLITE_TRANSIENT);
}
template <class Value>
void bind_value(sqlite3_stmt* statement, int index, const std::optional<Value>& value) {
  if (value) {
    bind_value(statement, index, *value);
  } else {
    sqlite3_bind_null(statement, index);
  }
}

// The rows of one running statement; ends it when destroyed.
class Rows {
 public:
  Rows(Database& database, sqlite3_stmt* statement) : database_{database}, statement_{statement} {}
  ~Rows() { sqlite3_reset(statement_); }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  bool next() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) database_.fail(code);
    return false;
  }

  [[nodiscard]] bool is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  template <class Number = std::int64_t>
  [[nodiscard]] Number number(int column) const {
    return static_cast<Number>(sqlite3_column_int64(statement_, column));
  }
  [[nodiscard]] double real(int column) const { return sqlite3_column_double(statement_, column); }
  // Valid until the next row.
  [[nodiscard]] std::string_view text(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return text != nullptr ? std::string_view{text, size} : std::string_view{};
  }
  [[nodiscard]] std::string_view blob(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return bytes != nullptr ? std::string_view{bytes, size} : std::string_view{};
  }
  template <class IdType>
  [[nodiscard]] IdType id(int column) const {
    const std::string_view bytes = blob(column);
    return bytes.size() == 16 ? read_id<IdType>(bytes.data()) : IdType{};
  }
  [[nodiscard]] TimePoint time(int column) const { return TimePoint{Duration{number(column)}}; }
  [[nodiscard]] std::optional<std::int64_t> maybe(int column) const {
    if (is_null(column)) return std::nullopt;
    return number(column);
  }

 private:
  Database& database_;
  sqlite3_stmt* statement_;
};

template <class... Values>
void Database::run(Query query, const Values&... values) {
  sqlite3_stmt* const prepared = statement(query);
  int index = 0;
  (bind_value(prepared, ++index, values), ...);
  finish(prepared);
}

template <class... Values>
Rows Database::rows(Query query, const Values&... values) {
  sqlite3_stmt* const prepared = statement(query);
  // There is one of each statement: whoever reads its rows cannot ask it something else meanwhile.
  assert(sqlite3_stmt_busy(prepared) == 0);
  int index = 0;
  (bind_value(prepared, ++index, values), ...);
  return Rows{*this, prepared};
}

}  // namespace portfire::sqlite
