#pragma once

// Connections that only read, lent to one caller at a time. They see the last commit and block
// nobody.

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/sqlite/catalogue.hpp"
#include "storage/sqlite/database.hpp"

namespace portfire::sqlite {

struct Reader {
  explicit Reader(const std::filesystem::path& file);

  Database database;
  Catalogue catalogue{database};
};

// One consistent look at the database; ends with the object, which outlives its statements.
class Snapshot {
 public:
  Snapshot(class ReaderPool& pool, std::unique_ptr<Reader> reader, const char* operation);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  Database& database() { return reader_->database; }
  Catalogue& catalogue() { return reader_->catalogue; }

 private:
  ReaderPool& pool_;
  std::unique_ptr<Reader> reader_;
};

// Threads: any.
class ReaderPool {
 public:
  explicit ReaderPool(std::filesystem::path file) : file_{std::move(file)} {}

  // Throws `StorageError`. `operation` is named in errors.
  Snapshot look(const char* operation);

 private:
  friend class Snapshot;
  void give_back(std::unique_ptr<Reader> reader);

  const std::filesystem::path file_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Reader>> idle_;  // guarded by mutex_
};

}  // namespace portfire::sqlite
