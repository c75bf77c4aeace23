#include "storage/sqlite/errors.hpp"

#include <sqlite3.h>

namespace portfire::sqlite {

namespace {

struct Meaning {
  int primary_code;
  bool retryable;
  const char* text;
};

constexpr Meaning meanings[] = {
    {SQLITE_FULL, true, "there is no room left; free some space on its file system and try again"},
    {SQLITE_IOERR, true, "reading or writing failed; look at the disk and its free space"},
    {SQLITE_BUSY, true, "another program keeps it locked; close that program or try again"},
    {SQLITE_LOCKED, true, "another program keeps it locked; close that program or try again"},
    {SQLITE_NOMEM, true, "there is not enough memory"},
    {SQLITE_READONLY, false, "it cannot be written; check the permissions of file and directory"},
    {SQLITE_PERM, false, "access is denied; check the permissions of file and directory"},
    {SQLITE_CANTOPEN, false, "it cannot be opened; check the path and the permissions"},
    {SQLITE_NOTADB, false, "it is not an SQLite database; choose another file"},
    {SQLITE_CORRUPT, false, "it is damaged; restore it from a backup"},
    {SQLITE_TOOBIG, false, "a text is larger than SQLite can keep"},
};

}  // namespace

void throw_storage_error(const std::filesystem::path& file, const char* operation, int code,
                         const std::string& engine_text) {
  bool retryable = false;
  std::string text = "SQLite failed";
  for (const Meaning& meaning : meanings) {
    if (meaning.primary_code != (code & 0xFF)) continue;
    retryable = meaning.retryable;
    text = meaning.text;
  }
  throw StorageError{"sqlite:" + file.string() + ": " + operation + ": " + text + " (" +
                         engine_text + ", code " + std::to_string(code) + ")",
                     {.operation = operation, .native_code = code, .retryable = retryable}};
}

void throw_unusable(const std::filesystem::path& file, const char* operation,
                    const std::string& problem_and_cure, int code) {
  throw StorageError{"sqlite:" + file.string() + ": " + problem_and_cure,
                     {.operation = operation, .native_code = code}};
}

}  // namespace portfire::sqlite
