#pragma once

// What SQLite can do at most for jobs that are claimed in order, fenced by an epoch, and readable
// by id and by time when they are finished; written by hand against the C library, one thread,
// nothing else.

#include <cstddef>
#include <filesystem>

#include "bench/floor.hpp"

namespace portfire::bench {

// Jobs a second, each way for itself.
struct SqliteFloor {
  double insert_single_per_s = 0;  // one a transaction, one thread
  double insert_bulk_per_s = 0;    // `bulk_size` a transaction
  double drain_100_per_s = 0;      // claim and finish, so many a transaction
  double drain_500_per_s = 0;
  double drain_1000_per_s = 0;

  [[nodiscard]] double best_drain_per_s() const;
};

// Makes and removes a database in `directory`. `durable`: every commit reaches the disk.
SqliteFloor measure_sqlite_floor(const std::filesystem::path& directory, std::size_t jobs,
                                 bool durable);

// The same for the table of floors: the best drain.
Floor sqlite_floor(const FloorPlan& plan);

}  // namespace portfire::bench
