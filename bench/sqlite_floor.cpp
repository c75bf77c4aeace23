#include "bench/sqlite_floor.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/counting.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// A fresh database, set up for speed, and removed with everything beside it.
class RawDatabase {
 public:
  RawDatabase(std::filesystem::path file, bool durable) : file_{std::move(file)} {
    remove();
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(file_.c_str(), &handle_, flags, nullptr) != SQLITE_OK) fail();
    execute("PRAGMA journal_mode = WAL");
    execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    execute("PRAGMA cache_size = -8192");
    execute("PRAGMA secure_delete = OFF");
    execute("PRAGMA wal_autocheckpoint = 8000");
    execute(
        "CREATE TABLE job (key INTEGER PRIMARY KEY, id BLOB NOT NULL, kind INTEGER NOT NULL,"
        " queue INTEGER NOT NULL, epoch INTEGER NOT NULL, name INTEGER NOT NULL,"
        " created_at INTEGER NOT NULL, claimed_at INTEGER, server INTEGER, ended_at INTEGER,"
        " arguments TEXT NOT NULL)");
    execute("CREATE UNIQUE INDEX job_id ON job (id)");
    execute("CREATE INDEX job_ready ON job (queue, key) WHERE kind = 2");
    execute("CREATE INDEX job_ended ON job (ended_at) WHERE kind = 4");
  }
  ~RawDatabase() {
    for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
    sqlite3_close(handle_);
    remove();
  }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;

  void execute(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
        SQLITE_OK) {
      fail();
    }
    statements_.push_back(statement);
    return statement;
  }
  void run(sqlite3_stmt* statement) {
    const int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    if (code != SQLITE_DONE) fail();
  }
  [[nodiscard]] std::int64_t changes() { return sqlite3_changes64(handle_); }
  [[noreturn]] void fail() { throw std::runtime_error{sqlite3_errmsg(handle_)}; }

 private:
  void remove() {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::path file = file_;
      file += suffix;
      std::filesystem::remove(file);
    }
  }

  const std::filesystem::path file_;
  sqlite3* handle_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
};

// The two halves of a job's life, by statements prepared once.
class SqliteJobs {
 public:
  explicit SqliteJobs(RawDatabase& database) : database_{database} {}

  void insert(std::size_t count, std::size_t per_transaction) {
    for (std::size_t done = 0; done < count;) {
      const std::size_t end = std::min(count, done + per_transaction);
      database_.run(begin_);
      for (; done < end; ++done) insert_one();
      database_.run(commit_);
    }
  }

  // Returns how many were ready, claimed and finished.
  std::size_t drain(std::size_t per_transaction) {
    std::size_t done = 0;
    while (claim(per_transaction) > 0) {
      finish();
      done += claimed_.size();
    }
    return done;
  }

 private:
  struct Claimed {
    std::int64_t key = 0;
    std::int64_t epoch = 0;
    std::array<char, 16> id{};
    std::string arguments;
  };

  void insert_one() {
    std::array<char, 16> id{};
    // Ascending with time, as the ids of all systems that care are.
    const auto high = __builtin_bswap64(static_cast<std::uint64_t>(++serial_));
    const std::uint64_t low = random_();
    std::memcpy(id.data(), &high, sizeof high);
    std::memcpy(id.data() + sizeof high, &low, sizeof low);
    sqlite3_bind_blob(insert_, 1, id.data(), static_cast<int>(id.size()), SQLITE_STATIC);
    sqlite3_bind_int64(insert_, 2, now());
    sqlite3_bind_text(insert_, 3, arguments_.data(), static_cast<int>(arguments_.size()),
                      SQLITE_STATIC);
    database_.run(insert_);
  }

  // The range statement updates just what was read: this is the only writer.
  std::size_t claim(std::size_t max) {
    database_.run(begin_);
    claimed_.clear();
    sqlite3_bind_int64(select_, 1, static_cast<sqlite3_int64>(max));
    while (sqlite3_step(select_) == SQLITE_ROW) {
      Claimed& job = claimed_.emplace_back();
      job.key = sqlite3_column_int64(select_, 0);
      std::memcpy(job.id.data(), sqlite3_column_blob(select_, 1), job.id.size());
      job.epoch = sqlite3_column_int64(select_, 2) + 1;
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(select_, 3));
      job.arguments.assign(text, static_cast<std::size_t>(sqlite3_column_bytes(select_, 3)));
    }
    sqlite3_reset(select_);
    if (!claimed_.empty()) {
      sqlite3_bind_int64(claim_, 1, claimed_.back().key);
      sqlite3_bind_int64(claim_, 2, now());
      database_.run(claim_);
    }
    database_.run(commit_);
    return claimed_.size();
  }

  void finish() {
    database_.run(begin_);
    sqlite3_bind_int64(finish_, 3, now());
    for (const Claimed& job : claimed_) {
      sqlite3_bind_int64(finish_, 1, job.key);
      sqlite3_bind_int64(finish_, 2, job.epoch);
      database_.run(finish_);
      if (database_.changes() != 1) database_.fail();
    }
    database_.run(commit_);
  }

  RawDatabase& database_;
  sqlite3_stmt* begin_ = database_.prepare("BEGIN IMMEDIATE");
  sqlite3_stmt* commit_ = database_.prepare("COMMIT");
  sqlite3_stmt* insert_ = database_.prepare(
      "INSERT INTO job (id, kind, queue, epoch, name, created_at, arguments)"
      " VALUES (?1, 2, 2, 0, 3, ?2, ?3)");
  sqlite3_stmt* select_ = database_.prepare(
      "SELECT key, id, epoch, arguments FROM job INDEXED BY job_ready"
      " WHERE kind = 2 AND queue = 2 ORDER BY key LIMIT ?1");
  sqlite3_stmt* claim_ = database_.prepare(
      "UPDATE job INDEXED BY job_ready SET kind = 3, epoch = epoch + 1, claimed_at = ?2, server = 2"
      " WHERE kind = 2 AND queue = 2 AND key <= ?1");
  sqlite3_stmt* finish_ = database_.prepare(
      "UPDATE job SET kind = 4, ended_at = ?3 WHERE key = ?1 AND epoch = ?2 AND kind = 3");
  const std::string arguments_ = "[12345,\"" + ballast + "\"]";
  std::vector<Claimed> claimed_;
  std::int64_t serial_ = now();
  std::mt19937_64 random_{1};
};

double measure_drain(const std::filesystem::path& file, std::size_t jobs, bool durable,
                     std::size_t per_transaction) {
  RawDatabase database{file, durable};
  SqliteJobs raw{database};
  raw.insert(jobs, bulk_size);
  database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  const auto begin = Clock::now();
  if (raw.drain(per_transaction) != jobs) throw std::runtime_error{"the floor lost jobs"};
  return rate_since(jobs, begin);
}

double measure_insert(const std::filesystem::path& file, std::size_t jobs, bool durable,
                      std::size_t per_transaction) {
  RawDatabase database{file, durable};
  SqliteJobs raw{database};
  const auto begin = Clock::now();
  raw.insert(jobs, per_transaction);
  return rate_since(jobs, begin);
}

}  // namespace

double SqliteFloor::best_drain_per_s() const {
  return std::max({drain_100_per_s, drain_500_per_s, drain_1000_per_s});
}

SqliteFloor measure_sqlite_floor(const std::filesystem::path& directory, std::size_t jobs,
                                 bool durable) {
  // Each of these waits for the disk; more of them would only take longer.
  constexpr std::size_t most_singles = 5000;
  const std::filesystem::path file = directory / "floor.db";
  return {
      .insert_single_per_s = measure_insert(file, std::min(jobs, most_singles), durable, 1),
      .insert_bulk_per_s = measure_insert(file, jobs, durable, bulk_size),
      .drain_100_per_s = measure_drain(file, jobs, durable, 100),
      .drain_500_per_s = measure_drain(file, jobs, durable, 500),
      .drain_1000_per_s = measure_drain(file, jobs, durable, 1000),
  };
}

Floor sqlite_floor(const FloorPlan& plan) {
  const SqliteFloor floor =
      measure_sqlite_floor(plan.directory, plan.jobs, plan.survives_power_loss);
  return {.enqueue_per_s = floor.insert_single_per_s,
          .bulk_enqueue_per_s = floor.insert_bulk_per_s,
          .drain_per_s = floor.best_drain_per_s()};
}

}  // namespace portfire::bench
