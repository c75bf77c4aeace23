#include "bench/raw_postgres_jobs.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "bench/workload.hpp"

namespace portfire::bench {

RawSchema::RawSchema(const std::string& url, std::string name)
    : database_{url}, name_{std::move(name)} {
  execute("SET client_min_messages = warning");
  execute("DROP SCHEMA IF EXISTS " + name_ + " CASCADE");
  execute("CREATE SCHEMA " + name_);
  use_raw_schema(database_, name_);
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

RawSchema::~RawSchema() {
  try {
    execute("DROP SCHEMA " + name_ + " CASCADE");
  } catch (const std::exception&) {
    // Its name says what it is.
    return;
  }
}

void use_raw_schema(RawPostgres& database, const std::string& name) {
  database.execute("SET search_path = " + name);
  database.execute("SET enable_seqscan = off");
  database.execute("SET enable_mergejoin = off");
  database.execute("SET jit = off");
}

RawPostgresJobs::RawPostgresJobs(RawPostgres& database) : database_{database} {
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

void RawPostgresJobs::copy(std::size_t count) {
  const std::string arguments = stored_arguments();
  for (std::size_t done = 0; done < count; done += bulk_size) {
    const std::size_t end = std::min(count, done + bulk_size);
    std::string jobs;
    std::string ready;
    for (std::size_t i = done; i < end; ++i) {
      const std::string id = id_text(++serial_);
      jobs += id + "\t0\t" + std::string{no_op.name} + "\tnow\t" + arguments + "\n";
      ready += "1\t" + std::to_string(serial_) + "\t0\t" + id + "\n";
    }
    database_.execute("BEGIN");
    database_.copy("job", jobs);
    database_.copy("ready", ready);
    database_.execute("COMMIT");
  }
}

std::size_t RawPostgresJobs::claim(std::size_t max) {
  const std::string number = std::to_string(++claim_);
  claimed_ = database_.run("claim", std::array<std::string, 2>{std::to_string(max), number});
  return static_cast<std::size_t>(PQntuples(claimed_.get()));
}

void RawPostgresJobs::finish() {
  const int count = PQntuples(claimed_.get());
  std::string ids = "{";
  std::string epochs = "{";
  for (int i = 0; i < count; ++i) {
    ids.append(PQgetvalue(claimed_.get(), i, 0)).push_back(i + 1 < count ? ',' : '}');
    epochs.append(PQgetvalue(claimed_.get(), i, 1)).push_back(i + 1 < count ? ',' : '}');
  }
  const std::string number = std::to_string(claim_);
  const auto finished = database_.run("finish", std::array<std::string, 3>{ids, epochs, number});
  if (std::stoi(PQgetvalue(finished.get(), 0, 0)) != count) {
    throw std::runtime_error{"the floor lost jobs"};
  }
}

}  // namespace portfire::bench
