#include "bench/postgresql_floor.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

#include "bench/counting.hpp"
#include "bench/postgresql_enqueue_floor.hpp"
#include "bench/raw_postgres_jobs.hpp"

namespace portfire::bench {

namespace {

double measure_drain(const std::string& url, std::size_t jobs, std::size_t per_transaction) {
  RawSchema schema{url, "portfire_floor_" + std::to_string(getpid())};
  RawPostgresJobs raw{schema.database()};
  raw.copy(jobs);
  schema.execute("VACUUM ANALYZE job");
  schema.execute("VACUUM ANALYZE ready");
  const auto begin = std::chrono::steady_clock::now();
  std::size_t done = 0;
  while (const std::size_t claimed = raw.claim(per_transaction)) {
    raw.finish();
    done += claimed;
  }
  if (done != jobs) throw std::runtime_error{"the floor lost jobs"};
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
