#include "storage/sqlite/database.hpp"

#include <utility>

#include "storage/sqlite/errors.hpp"

namespace portfire::sqlite {

namespace {

int open_flags(Database::Access access) {
  // Each connection is used by one thread at a time, so SQLite's own mutexes would only cost.
  constexpr int always = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (access) {
    case Database::Access::read_only: return always | SQLITE_OPEN_READONLY;
    case Database::Access::read_write: return always | SQLITE_OPEN_READWRITE;
    case Database::Access::create: return always | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return always;
}

}  // namespace

Database::Database(const std::filesystem::path& file, Access access) : file_{file} {
  const int code = sqlite3_open_v2(file.c_str(), &handle_, open_flags(access), nullptr);
  if (code != SQLITE_OK) {
    const std::string text = handle_ != nullptr ? sqlite3_errmsg(handle_) : "out of memory";
    sqlite3_close_v2(handle_);
    throw_storage_error(file_, operation_, code, text);
  }
  // Only against writers that do not know the side lock, such as the sqlite3 shell.
  sqlite3_busy_timeout(handle_, 10'000);
}

Database::~Database() {
  for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

sqlite3_stmt* Database::prepare(const char* sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) fail(code);
  return statement;
}

void Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::int64_t Database::number(const std::string& sql) {
  sqlite3_stmt* const statement = prepare(sql.c_str());
  const int code = sqlite3_step(statement);
  const std::int64_t value = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
  sqlite3_finalize(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail(code);
  return value;
}

void Database::fail(int code) const {
  throw_storage_error(file_, operation_, code, sqlite3_errmsg(handle_));
}

}  // namespace portfire::sqlite
