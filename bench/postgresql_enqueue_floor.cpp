#include "bench/postgresql_enqueue_floor.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <vector>

#include "bench/counting.hpp"
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

// Connections that insert until there are enough jobs or the time is up.
class Inserters {
 public:
  Inserters(const FloorPlan& plan, std::size_t connections)
      : plan_{plan}, runtime_{*plan.place.storage->runtime()} {
    for (std::size_t i = 0; i < connections; ++i) {
      auto& database = *all_.emplace_back(std::make_unique<RawPostgres>(plan.place.native_url));
      database.execute("SET search_path = " + plan.place.name);
      database.prepare("insert", insertion);
    }
    all_.front()->execute("TRUNCATE job, ready, change");
  }

  double rate() {
    const SteadyPoint begin = runtime_.steady_now();
    deadline_ = begin + std::chrono::seconds{5};
    std::vector<std::unique_ptr<Task>> tasks;
    for (const auto& database : all_) {
      tasks.push_back(runtime_.spawn("bench-insert", [&] { work(*database); }));
    }
    for (const auto& task : tasks) task->join();
    if (error_) std::rethrow_exception(error_);
    return per_second(created_, runtime_.steady_now() - begin);
  }

 private:
  void work(RawPostgres& database) noexcept {
    try {
      const std::string name{no_op.name};
      const std::string arguments = stored_arguments();
      for (std::size_t number = next_++; number < plan_.jobs; number = next_++) {
        database.run("insert", std::array<std::string, 3>{id_text(number), name, arguments});
        ++created_;
        if (runtime_.steady_now() >= deadline_) return;
      }
    } catch (...) {
      const std::lock_guard lock{mutex_};
      error_ = std::current_exception();
    }
  }

  const FloorPlan& plan_;
  Runtime& runtime_;
  std::vector<std::unique_ptr<RawPostgres>> all_;
  SteadyPoint deadline_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> created_{0};
  std::mutex mutex_;
  std::exception_ptr error_;
};

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
  return {.enqueue_per_s = Inserters{plan, 1}.rate(),
          .enqueue_8_threads_per_s = Inserters{plan, crowd}.rate(),
          .bulk_enqueue_per_s = copy_rate(plan)};
}

}  // namespace portfire::bench
