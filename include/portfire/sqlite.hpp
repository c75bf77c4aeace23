#pragma once

/// A storage in one SQLite file: durable, no server to run, shared by the processes of one machine.
///
/// Beside `jobs.db` live SQLite's own `jobs.db-wal` and `jobs.db-shm`, `jobs.db-lock` (processes
/// take turns to write through it) and `jobs.db-wakeup` (touched after commits, watched by the
/// others). The file must lie on a local file system: neither SQLite's WAL nor the locks work over
/// a network.

#include <filesystem>
#include <memory>

#include <portfire/runtime.hpp>
#include <portfire/storage/storage.hpp>

namespace portfire::sqlite {

enum class Durability : unsigned char {
  /// `synchronous=FULL`: what was committed survives a power failure.
  full,
  /// `synchronous=NORMAL`: survives every crash of processes; a power failure may undo the last
  /// commits, never corrupt the file. Single enqueues are about six times faster.
  normal,
};

struct Options {
  Durability durability = Durability::full;

  /// Memory for pages of the writing connection, in KiB; 64 to 4,194,304. More helps when the rows
  /// that are ready, running and lately finished do not fit.
  int cache_kib = 8192;

  /// Creates the file and its schema, or migrates an older schema. Without it an absent or older
  /// schema is an error that says so.
  bool migrate = true;

  /// Clocks, threads and events; nothing means `thread_runtime()`.
  std::shared_ptr<Runtime> runtime = {};
  /// For tests: shifts the storage's clock.
  std::shared_ptr<const TimeOffset> time_offset = {};
};

/// Opens the file, creating it when it does not exist.
/// Throws `UsageError` for options out of range, `StorageError` when the file is not a Portfire
/// database, cannot be opened or written, or has a newer schema than this library knows.
std::shared_ptr<Storage> open(const std::filesystem::path& file, Options options = {});

/// The newest schema version that this library reads and writes.
int schema_version();

/// The version of the schema in a file; 0 when the file does not exist or is empty.
int schema_version(const std::filesystem::path& file);

/// Brings the file to `schema_version()`. Safe from several processes at once.
void migrate(const std::filesystem::path& file);

}  // namespace portfire::sqlite
