#include "bench/postgresql_enqueue_floor.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/counting.hpp"
#include "bench/crowd.hpp"
#include "bench/raw_postgres.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

// The lane of the queue `default` has number 1; state 1 is Enqueued. Nothing of what the driver
// looks at before: whether the job exists, and who is to be told of it.
constexpr const char* insertion =
    "WITH next AS MATERIALIZED (SELECT nextval('position') AS position),"
    " created AS (INSERT INTO job (id, position, place, created_at, since, lane, state, kind, name,"
    "                              arguments)"
    "  SELECT $1, position, position, now(), now(), 1, 1, 0, $2, $3 FROM next RETURNING place, id),"
    " queued AS (INSERT INTO ready (lane, place, epoch, state, job)"
    "  SELECT 1, place, 0, 1, id FROM created)"
    " INSERT INTO change (at, lane, left_state, entered, count) VALUES (now(), 1, 0, 1, 1)";

double insert_rate(const FloorPlan& plan, std::size_t connections) {
  std::vector<std::unique_ptr<RawPostgres>> databases;
  std::vector<std::function<void(std::size_t)>> inserters;
  for (std::size_t i = 0; i < connections; ++i) {
    auto& database = *databases.emplace_back(std::make_unique<RawPostgres>(plan.place.native_url));
    database.execute("SET search_path = " + plan.place.name);
    database.prepare("insert", insertion);
    inserters.emplace_back([&database, name = std::string{no_op.name},
                            arguments = stored_arguments()](std::size_t number) {
      database.run("insert", std::array<std::string, 3>{id_text(number), name, arguments});
    });
  }
  databases.front()->execute("TRUNCATE job, ready, change");
  return crowd_rate(*plan.place.storage->runtime(), plan.jobs, inserters);
}

// The same rows by COPY, so many jobs a transaction as a client creates at once.
double copy_rate(const FloorPlan& plan) {
  RawPostgres database{plan.place.native_url};
  database.execute("SET search_path = " + plan.place.name);
  database.execute("TRUNCATE job, ready, change");
  const std::string words = "\t" + std::string{no_op.name} + "\t" + stored_arguments() + "\n";
  Runtime& runtime = *plan.place.storage->runtime();
  const SteadyPoint begin = runtime.steady_now();
  for (std::size_t done = 0; done < plan.jobs; done += bulk_size) {
    const std::size_t end = std::min(plan.jobs, done + bulk_size);
    std::string jobs;
    std::string ready;
    for (std::size_t i = done; i < end; ++i) {
      const std::string id = id_text(i);
      const std::string place = std::to_string(i);
      jobs += id + "\t" + place + "\t" + place + "\tnow\tnow\t1\t1\t0" + words;
      ready += "1\t" + place + "\t0\t1\t" + id + "\n";
    }
    database.execute("BEGIN");
    database.copy(
        "job (id, position, place, created_at, since, lane, state, kind, name, arguments)", jobs);
    database.copy("ready (lane, place, epoch, state, job)", ready);
    database.execute(
        "INSERT INTO change (at, lane, left_state, entered, count) VALUES (now(), 1, 0, 1, " +
        std::to_string(end - done) + ")");
    database.execute("COMMIT");
  }
  return per_second(plan.jobs, runtime.steady_now() - begin);
}

}  // namespace

Floor postgresql_enqueue_floor(const FloorPlan& plan) {
  constexpr std::size_t crowd = 8;
  return {.enqueue_per_s = insert_rate(plan, 1),
          .enqueue_8_threads_per_s = insert_rate(plan, crowd),
          .bulk_enqueue_per_s = copy_rate(plan)};
}

}  // namespace portfire::bench
