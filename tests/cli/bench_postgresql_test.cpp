// `portfire bench` on PostgreSQL: that it measures what it says; never how fast.

#include "cli/program.hpp"
#include "support/private_postgres.hpp"

namespace portfire::cli {
namespace {

class BenchPostgresql : public ProgramTest {
 protected:
  [[nodiscard]] nlohmann::json report_of(Arguments arguments) const {
    arguments.insert(arguments.begin(), {"bench", "--storage", database_, "--workers", "2"});
    return json_of(std::move(arguments));
  }

  [[nodiscard]] std::string schemas() const {
    return PrivatePostgres::shared().execute(database_,
                                             "SELECT string_agg(nspname, ',') FROM pg_namespace"
                                             " WHERE nspname LIKE 'portfire%'");
  }

 private:
  const std::string database_ = PrivatePostgres::shared().new_database();
};

TEST_F(BenchPostgresql, MeasuresRatesBesideTheFloor) {
  const auto report = report_of({"--jobs", "300", "--measure", "enqueue,bulk,drain", "--floor"});
  for (const char* rate :
       {"enqueue_per_s", "enqueue_8_threads_per_s", "bulk_enqueue_per_s", "drain_per_s"}) {
    EXPECT_GT(report[rate], 0) << rate;
    EXPECT_GT(report["floor"][rate], 0) << rate;
  }
  EXPECT_FALSE(report.contains("filesystem"));
  EXPECT_EQ(schemas(), "");
}

TEST_F(BenchPostgresql, MeasuresServersInProcessesOfTheirOwn) {
  const auto report = report_of({"--jobs", "500", "--measure", "apart,servers", "--servers", "2"});
  EXPECT_GT(report["start_latency_apart_ms"]["p50"], 0);
  EXPECT_EQ(report["servers"]["count"], 2);
  EXPECT_GT(report["servers"]["drain_by_all_per_s"], 0);
  EXPECT_EQ(schemas(), "");
}

TEST_F(BenchPostgresql, MeasuresAFullStorageBesideAnEmptyOne) {
  const auto report = report_of({"--jobs", "300", "--measure", "backlog", "--backlog", "2500"});
  EXPECT_EQ(report["backlog"]["awaiting"], 250);
  EXPECT_GT(report["backlog"]["drain_full_per_s"], 0);
}

TEST_F(BenchPostgresql, MeasuresBesideATransactionHeldOpen) {
  const auto report = report_of({"--jobs", "300", "--measure", "held", "--held", "1"});
  EXPECT_EQ(report["held"]["seconds"], 1);
  EXPECT_GT(report["held"]["drain_before_per_s"], 0);
  EXPECT_GT(report["held"]["drain_held_per_s"], 0);
  // Which would wait for a transaction that is still open.
  EXPECT_EQ(schemas(), "");
}

TEST_F(BenchPostgresql, MeasuresASteadyStateWithTheSizesOfTables) {
  const auto report = report_of({"--measure", "steady", "--steady", "1"});
  EXPECT_GT(report["steady"]["jobs"], 0);
  EXPECT_GT(report["steady"]["end_mib"]["finished"], 0);
  EXPECT_GT(report["steady"]["end_mib"]["total"], report["steady"]["end_mib"]["finished"]);
}

}  // namespace
}  // namespace portfire::cli
