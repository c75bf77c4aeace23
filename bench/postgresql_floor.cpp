#include "bench/postgresql_floor.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <string>

#include "bench/counting.hpp"
#include "bench/postgresql_enqueue_floor.hpp"
#include "bench/raw_postgres.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

using Clock = std::chrono::steady_clock;

// A fresh schema with the tables of the floor.
class RawSchema {
 public:
  explicit RawSchema(const std::string& url)
      : database_{url}, name_{"portfire_floor_" + std::to_string(getpid())} {
    execute("SET client_min_messages = warning");
    execute("DROP SCHEMA IF EXISTS " + name_ + " CASCADE");
    execute("CREATE SCHEMA " + name_);
    execute("SET search_path = " + name_);
    // A queue's tables change faster than statistics do.
    execute("SET enable_seqscan = off");
    execute("SET enable_mergejoin = off");
    execute("SET jit = off");
    execute(
        "CREATE TABLE job (id uuid PRIMARY KEY, epoch bigint NOT NULL, name text NOT NULL,"
        " created_at timestamptz NOT NULL, arguments text NOT NULL)");
    execute(
        "CREATE TABLE ready (queue integer, place bigint, epoch bigint NOT NULL, job uuid NOT NULL,"
        " PRIMARY KEY (queue, place))");
    execute("CREATE TABLE claim (number bigint PRIMARY KEY, at timestamptz, jobs uuid[])");
    execute("ALTER TABLE claim ALTER jobs SET STORAGE EXTERNAL");
    execute(
        "CREATE TABLE finished (id uuid NOT NULL, epoch bigint NOT NULL, name text NOT NULL,"
        " created_at timestamptz NOT NULL, claimed_at timestamptz NOT NULL,"
        " ended_at timestamptz NOT NULL, arguments text NOT NULL)");
    execute("CREATE INDEX finished_id ON finished (id)");
    execute("CREATE INDEX finished_time ON finished (ended_at)");
  }
  ~RawSchema() {
    try {
      execute("DROP SCHEMA " + name_ + " CASCADE");
    } catch (const std::exception&) {
      // Its name says what it is.
      return;
    }
  }
  RawSchema(const RawSchema&) = delete;
  RawSchema& operator=(const RawSchema&) = delete;

  RawPostgres& database() { return database_; }
  void execute(const std::string& sql) { database_.execute(sql); }

 private:
  RawPostgres database_;
  const std::string name_;
};

class PostgresJobs {
 public:
  explicit PostgresJobs(RawPostgres& database) : database_{database} {
    database_.prepare(
        "claim",
        "WITH taken AS MATERIALIZED (DELETE FROM ready WHERE ctid = ANY (ARRAY("
        "  SELECT ctid FROM ready WHERE queue = 1 ORDER BY place LIMIT $1 FOR UPDATE SKIP LOCKED))"
        "  RETURNING place, epoch, job),"
        " noted AS (INSERT INTO claim SELECT $2, now(), array_agg(job) FROM taken HAVING count(*) "
        "> 0)"
        " SELECT job.id, taken.epoch + 1, job.name, job.arguments"
        " FROM taken JOIN job ON job.id = taken.job ORDER BY taken.place");
    database_.prepare(
        "finish",
        "WITH input AS MATERIALIZED (SELECT * FROM unnest($1::uuid[], $2::bigint[]) u (id, epoch)),"
        " gone AS (DELETE FROM job USING input WHERE job.id = input.id"
        "  AND job.epoch = input.epoch - 1 RETURNING job.*),"
        " forgotten AS (DELETE FROM claim WHERE number = $3 RETURNING at),"
        " moved AS (INSERT INTO finished SELECT gone.id, epoch + 1, name, created_at, at, now(),"
        "  arguments FROM gone, forgotten RETURNING 1)"
        " SELECT count(*) FROM moved");
  }

  void copy(std::size_t count) {
    for (std::size_t done = 0; done < count; done += bulk_size) {
      const std::size_t end = std::min(count, done + bulk_size);
      std::string jobs;
      std::string ready;
      for (std::size_t i = done; i < end; ++i) {
        const std::string id = id_text(++serial_);
        jobs += id + "\t0\t" + name_ + "\tnow\t" + arguments_ + "\n";
        ready += "1\t" + std::to_string(serial_) + "\t0\t" + id + "\n";
      }
      database_.execute("BEGIN");
      database_.copy("job", jobs);
      database_.copy("ready", ready);
      database_.execute("COMMIT");
    }
  }

  std::size_t drain(std::size_t per_transaction) {
    std::size_t done = 0;
    while (const std::size_t finished = claim_and_finish(per_transaction)) done += finished;
    return done;
  }

 private:
  std::size_t claim_and_finish(std::size_t max) {
    const std::string number = std::to_string(++claim_);
    const auto claimed =
        database_.run("claim", std::array<std::string, 2>{std::to_string(max), number});
    const int count = PQntuples(claimed.get());
    if (count == 0) return 0;
    std::string ids = "{";
    std::string epochs = "{";
    for (int i = 0; i < count; ++i) {
      ids.append(PQgetvalue(claimed.get(), i, 0)).push_back(i + 1 < count ? ',' : '}');
      epochs.append(PQgetvalue(claimed.get(), i, 1)).push_back(i + 1 < count ? ',' : '}');
    }
    const auto finished = database_.run("finish", std::array<std::string, 3>{ids, epochs, number});
    if (std::stoi(PQgetvalue(finished.get(), 0, 0)) != count) {
      throw std::runtime_error{"the floor lost jobs"};
    }
    return static_cast<std::size_t>(count);
  }

  RawPostgres& database_;
  const std::string name_{no_op.name};
  const std::string arguments_ = stored_arguments();
  std::uint64_t serial_ = 0;
  std::uint64_t claim_ = 0;
};

double measure_drain(const std::string& url, std::size_t jobs, std::size_t per_transaction) {
  RawSchema schema{url};
  PostgresJobs raw{schema.database()};
  raw.copy(jobs);
  schema.execute("VACUUM ANALYZE job");
  schema.execute("VACUUM ANALYZE ready");
  const auto begin = Clock::now();
  if (raw.drain(per_transaction) != jobs) throw std::runtime_error{"the floor lost jobs"};
  return rate_since(jobs, begin);
}

}  // namespace

Floor postgresql_floor(const FloorPlan& plan) {
  const std::string& url = plan.place.native_url;
  Floor floor = postgresql_enqueue_floor(plan);
  for (const std::size_t per_transaction : {100U, 500U, 1000U}) {
    floor.drain_per_s = std::max(floor.drain_per_s, measure_drain(url, plan.jobs, per_transaction));
  }
  return floor;
}

}  // namespace portfire::bench
