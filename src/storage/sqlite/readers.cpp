#include "storage/sqlite/readers.hpp"

#include <utility>

namespace portfire::sqlite {

namespace {

// More may read at the same time; only so many connections are kept for later.
constexpr std::size_t most_idle = 4;
constexpr int cache_kib = 512;

}  // namespace

Reader::Reader(const std::filesystem::path& file) : database{file, Database::Access::read_only} {
  database.execute("PRAGMA cache_size = -" + std::to_string(cache_kib));
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Snapshot::Snapshot(ReaderPool& pool, std::unique_ptr<Reader> reader, const char* operation)
    : pool_{pool}, reader_{std::move(reader)} {
  reader_->database.set_operation(operation);
  reader_->database.run(Query::begin_reading);
  reader_->catalogue.refresh();
}

Snapshot::~Snapshot() {
  try {
    reader_->database.run(Query::commit);
    pool_.give_back(std::move(reader_));
  } catch (...) {
    // The connection is closed instead; the next look opens another one.
  }
}

Snapshot ReaderPool::look(const char* operation) {
  std::unique_ptr<Reader> reader;
  {
    const std::scoped_lock guard{mutex_};
    if (!idle_.empty()) {
      reader = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!reader) reader = std::make_unique<Reader>(file_);
  return Snapshot{*this, std::move(reader), operation};
}

void ReaderPool::give_back(std::unique_ptr<Reader> reader) {
  const std::scoped_lock guard{mutex_};
  if (idle_.size() < most_idle) idle_.push_back(std::move(reader));
}

}  // namespace portfire::sqlite
