#pragma once

// Looks into a database file from outside, as a suspicious person with the sqlite3 shell would.

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace portfire::sqlite {

class Inspection {
 public:
  explicit Inspection(const std::filesystem::path& file) {
    if (sqlite3_open(file.c_str(), &handle_) != SQLITE_OK) throw std::runtime_error{"open"};
    sqlite3_busy_timeout(handle_, 10'000);
  }
  ~Inspection() { sqlite3_close(handle_); }
  Inspection(const Inspection&) = delete;
  Inspection& operator=(const Inspection&) = delete;

  void execute(const std::string& sql) {
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error{sqlite3_errmsg(handle_)};
    }
  }

  // The first column of the first row, as text.
  std::string text(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
      throw std::runtime_error{sqlite3_errmsg(handle_)};
    }
    std::string value;
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != nullptr) {
      value = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    return value;
  }
  std::int64_t number(const std::string& sql) {
    const std::string value = text(sql);
    return value.empty() ? 0 : std::stoll(value);
  }

  // What is wrong with the file, or "ok": the engine's own check, and that no number has drifted
  // from what it stands for.
  std::string check() {
    if (const std::string engine = text("PRAGMA integrity_check"); engine != "ok") return engine;
    const std::int64_t drifted = number(R"(
      SELECT count(*) FROM (
        SELECT lane, state, sum(n) AS n FROM (
          SELECT lane, state, count(*) AS n FROM job GROUP BY lane, state
          UNION ALL SELECT first, second, -count FROM tally WHERE what = 1)
        GROUP BY lane, state)
      WHERE n <> 0)");
    if (drifted != 0) return std::to_string(drifted) + " numbers of live jobs are wrong";
    const std::int64_t held = number(R"(
      SELECT count(*) FROM (
        SELECT server, sum(n) AS n FROM (
          SELECT server, count(*) AS n FROM job WHERE kind = 4 GROUP BY server
          UNION ALL SELECT first, -count FROM tally WHERE what = 4)
        GROUP BY server)
      WHERE n <> 0)");
    if (held != 0) return std::to_string(held) + " numbers of held jobs are wrong";
    const std::int64_t created = number(
        "SELECT coalesce(sum(count), 0) FROM tally WHERE what = 2 AND first = "
        "(SELECT number FROM name WHERE text = 'Created')");
    if (created < number("SELECT count(*) FROM job")) return "jobs were created uncounted";
    return "ok";
  }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace portfire::sqlite
