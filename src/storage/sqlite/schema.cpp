#include "storage/sqlite/schema.hpp"

#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <portfire/sqlite.hpp>

#include "storage/sqlite/database.hpp"
#include "storage/sqlite/errors.hpp"
#include "storage/sqlite/side_lock.hpp"

namespace portfire::sqlite {

namespace {

constexpr int newest = static_cast<int>(std::size(migration_texts));
constexpr std::int64_t application_id = 0x50464952;  // "PFIR"

bool is_absent_or_empty(const std::filesystem::path& file) {
  std::error_code error;
  return !std::filesystem::exists(file, error) || std::filesystem::file_size(file, error) == 0;
}

constexpr std::string_view signature{"SQLite format 3", 16};
using Beginning = std::array<char, signature.size()>;

// By SQLite's own means: with a descriptor of ours, the locks that other connections of this
// process have on the file would go, for such is POSIX. Other processes would then take it for
// theirs alone, and remove its log. Nothing when the file cannot be read.
std::optional<Beginning> beginning_of(const std::filesystem::path& file) {
  sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
  const char* const name = sqlite3_create_filename(file.c_str(), "", "", 0, nullptr);
  if (system == nullptr || name == nullptr) return std::nullopt;
  const auto memory = std::make_unique<char[]>(static_cast<std::size_t>(system->szOsFile));
  auto* const handle = reinterpret_cast<sqlite3_file*>(memory.get());  // NOLINT: the API's way
  constexpr int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
  int code = system->xOpen(system, name, handle, flags, nullptr);
  Beginning beginning{};
  if (code == SQLITE_OK) {
    code = handle->pMethods->xRead(handle, beginning.data(), beginning.size(), 0);
    handle->pMethods->xClose(handle);
  }
  sqlite3_free_filename(name);
  // What is shorter has been filled up with zeros.
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) return std::nullopt;
  return beginning;
}

[[noreturn]] void refuse_newer(const std::filesystem::path& file, int version) {
  throw_unusable(file, "open",
                 "has schema version " + std::to_string(version) +
                     ", and this library knows versions up to " + std::to_string(newest) +
                     "; use a Portfire at least as new as the one that wrote the file");
}

int version_in(Database& database) {
  const auto version = static_cast<int>(database.number("PRAGMA user_version"));
  const std::int64_t id = database.number("PRAGMA application_id");
  if (id == application_id) return version;
  const bool is_blank =
      id == 0 && version == 0 && database.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (is_blank) return 0;
  throw_unusable(database.file(), "open",
                 "is the database of another application; choose another file for Portfire");
}

void migrate_from(Database& database, int version) {
  database.set_operation("migrate");
  for (; version < newest; ++version) {
    database.execute("BEGIN IMMEDIATE");
    try {
      database.execute(migration_texts[version]);
      database.execute("PRAGMA application_id = " + std::to_string(application_id));
      database.execute("PRAGMA user_version = " + std::to_string(version + 1));
      database.execute("COMMIT");
    } catch (...) {
      sqlite3_exec(database.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
      throw;
    }
  }
}

}  // namespace

int schema_version() { return newest; }

void check_path(const std::filesystem::path& file) {
  std::error_code error;
  if (file.empty()) throw_unusable(file, "open", "has no name; give the path of a database file");
  const auto status = std::filesystem::status(file, error);
  if (std::filesystem::is_directory(status)) {
    throw_unusable(file, "open", "is a directory; give the path of a database file in it");
  }
  const std::filesystem::path directory =
      file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
  if (!std::filesystem::is_directory(directory, error)) {
    throw_unusable(file, "open",
                   "cannot be created, because there is no directory " + directory.string() +
                       "; create it first");
  }
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw_unusable(file, "open", "is not a regular file; choose another one");
  }
  if (is_absent_or_empty(file)) return;
  const auto beginning = beginning_of(file);
  // An unreadable one is for SQLite to refuse, which knows why.
  if (beginning && std::string_view{beginning->data(), beginning->size()} != signature) {
    throw_unusable(file, "open", "is not an SQLite database; choose another file");
  }
}

int version_of(const std::filesystem::path& file) {
  check_path(file);
  if (is_absent_or_empty(file)) return 0;
  Database database{file, Database::Access::read_only};
  return version_in(database);
}

void upgrade(const std::filesystem::path& file, SideLock& lock) {
  const Turn turn{lock};
  Database database{file, Database::Access::create};
  if (sqlite3_db_readonly(database.handle(), "main") == 1) {
    throw_unusable(file, "open",
                   "can be read but not written; give this user permission to write the file and "
                   "its directory",
                   SQLITE_READONLY);
  }
  const int version = version_in(database);
  if (version > newest) refuse_newer(file, version);
  if (version == newest) return;
  if (version == 0) {
    // Stays with the file. Before the first table, or it would need the file for itself.
    database.execute("PRAGMA journal_mode = WAL");
  }
  migrate_from(database, version);
}

void require_newest(const std::filesystem::path& file) {
  const int version = version_of(file);
  if (version > newest) refuse_newer(file, version);
  if (version == newest) return;
  if (version == 0) {
    throw_unusable(file, "open", "does not exist or is empty; create it with portfire migrate");
  }
  throw_unusable(file, "open",
                 "has schema version " + std::to_string(version) + ", and this library needs " +
                     std::to_string(newest) + "; run portfire migrate");
}

int schema_version(const std::filesystem::path& file) { return version_of(file); }

void migrate(const std::filesystem::path& file) {
  check_path(file);
  SideLock lock{file};
  upgrade(file, lock);
}

}  // namespace portfire::sqlite
