// `portfire bench`: that it measures what it says; never how fast.

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Bench : public ProgramTest {
 protected:
  [[nodiscard]] std::size_t files() const {
    const std::filesystem::directory_iterator all{path("")};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
};

TEST_F(Bench, MeasuresSqliteBesideItsFloor) {
  const auto report = json_of(
      {"bench", "--jobs", "300", "--workers", "2", "--measure", "enqueue,bulk,drain", "--floor"});
  EXPECT_EQ(report["storage"], "sqlite");
  EXPECT_EQ(report["durable"], true);
  EXPECT_EQ(report["jobs"], 300);
  EXPECT_EQ(report["workers"], 2);
  for (const char* rate :
       {"enqueue_per_s", "enqueue_8_threads_per_s", "bulk_enqueue_per_s", "drain_per_s"}) {
    EXPECT_GT(report[rate], 0) << rate;
  }
  for (const char* rate : {"enqueue_per_s", "bulk_enqueue_per_s", "drain_per_s"}) {
    EXPECT_GT(report["floor"][rate], 0) << rate;
  }
  EXPECT_GE(report["cpu_seconds"], 0);
  EXPECT_GT(report["peak_rss_mib"], 0);
  EXPECT_GT(report["fsync_us_p50"], 0);
  EXPECT_TRUE(report["filesystem"].is_string());
}

TEST_F(Bench, MeasuresLatency) {
  const auto report = json_of(
      {"bench", "--storage", "memory:", "--jobs", "100", "--measure", "latency", "--floor"});
  EXPECT_GT(report["start_latency_ms"]["p50"], 0);
  EXPECT_GE(report["start_latency_ms"]["p95"], report["start_latency_ms"]["p50"]);
  EXPECT_GE(report["start_latency_ms"]["p99"], report["start_latency_ms"]["p95"]);
  EXPECT_GT(report["floor"]["wake_up_us_p50"], 0);
}

TEST_F(Bench, MeasuresIsolation) {
  const auto report = json_of({"bench", "--storage", "memory:", "--jobs", "500", "--workers", "2",
                               "--measure", "isolation"});
  EXPECT_GT(report["isolation"]["drain_in_threads_per_s"], 0);
  EXPECT_GT(report["isolation"]["drain_in_processes_per_s"], 0);
  EXPECT_TRUE(report["isolation"]["overhead_us"].is_number());
}

TEST_F(Bench, MeasuresLatencyBetweenProcesses) {
  const auto report = json_of({"bench", "--measure", "apart"});
  EXPECT_GT(report["start_latency_apart_ms"]["p50"], 0);
  EXPECT_GE(report["start_latency_apart_ms"]["p99"], report["start_latency_apart_ms"]["p50"]);
  // Of the server process this is the only trace.
  EXPECT_FALSE(report.contains("start_latency_ms"));
}

TEST_F(Bench, MeasuresDueAndRecurringJobs) {
  const auto report = json_of({"bench", "--storage", "memory:", "--measure", "due,recurring",
                               "--backlog", "2500", "--definitions", "500", "--recurring", "1"});
  EXPECT_EQ(report["due"]["jobs"], 2500);
  EXPECT_GT(report["due"]["promote_per_s"], 0);
  EXPECT_EQ(report["recurring"]["definitions"], 500);
  EXPECT_EQ(report["recurring"]["due_per_s"], 5);
  EXPECT_GT(report["recurring"]["run_per_s"], 0);
  EXPECT_GE(report["recurring"]["late_ms"]["p99"], report["recurring"]["late_ms"]["p50"]);
}

TEST_F(Bench, MeasuresSeveralServerProcesses) {
  const auto report = json_of(
      {"bench", "--jobs", "500", "--workers", "2", "--measure", "servers", "--servers", "3"});
  EXPECT_EQ(report["servers"]["count"], 3);
  EXPECT_GT(report["servers"]["drain_by_one_per_s"], 0);
  EXPECT_GT(report["servers"]["drain_by_all_per_s"], 0);
}

TEST_F(Bench, MeasuresAFullStorageBesideAnEmptyOne) {
  const auto report =
      json_of({"bench", "--jobs", "300", "--measure", "backlog", "--backlog", "2500"});
  EXPECT_EQ(report["backlog"]["waiting"], 2500);
  EXPECT_EQ(report["backlog"]["finished"], 2500);
  EXPECT_EQ(report["backlog"]["scheduled"], 2500);
  EXPECT_EQ(report["backlog"]["awaiting"], 250);
  EXPECT_GT(report["backlog"]["drain_empty_per_s"], 0);
  EXPECT_GT(report["backlog"]["drain_full_per_s"], 0);
}

TEST_F(Bench, MeasuresASteadyState) {
  const auto report = json_of({"bench", "--measure", "steady", "--steady", "1"});
  EXPECT_EQ(report["steady"]["seconds"], 1);
  EXPECT_GT(report["steady"]["jobs"], 0);
  EXPECT_GT(report["steady"]["last_fifth_per_s"], 0);
  EXPECT_GT(report["steady"]["first_fifth_mib"]["file"], 0);
  EXPECT_GE(report["steady"]["end_mib"]["total"], report["steady"]["end_mib"]["file"]);
}

TEST_F(Bench, RefusesAtOnceWhatAStorageCannotBeMeasuredFor) {
  for (const char* measure : {"apart", "servers"}) {
    const Finished memory = run({"bench", "--storage", "memory:", "--measure", measure});
    EXPECT_EQ(memory.code, 2);
    EXPECT_THAT(memory.err, AllOf(HasSubstr(measure), HasSubstr("within one process"),
                                  HasSubstr("sqlite:jobs.db")));
  }
  const Finished held = run({"bench", "--measure", "drain,held"});
  EXPECT_EQ(held.code, 2);
  EXPECT_THAT(held.err, AllOf(HasSubstr("held"), HasSubstr("postgresql://")));
}

TEST_F(Bench, LeavesNothingBehind) {
  const auto id = (storage(), enqueue({"work"}));
  const std::size_t before = files();
  EXPECT_EQ(run({"bench", "--jobs", "100", "--measure", "drain,servers"}).code, 0);
  EXPECT_EQ(files(), before);
  EXPECT_EQ(json_of({"stats"})["lifetime"], (nlohmann::json{{"Created", 1}}));
}

TEST_F(Bench, MeasuresOnlyWhatItIsAskedFor) {
  const auto report = json_of(
      {"bench", "--storage", "memory:", "--jobs", "1000", "--measure", "bulk,drain", "--floor"});
  EXPECT_EQ(report["storage"], "memory");
  EXPECT_EQ(report["durable"], false);
  EXPECT_TRUE(report.contains("bulk_enqueue_per_s"));
  EXPECT_TRUE(report.contains("drain_per_s"));
  EXPECT_TRUE(report.contains("floor"));
  EXPECT_FALSE(report["floor"].contains("wake_up_us_p50"));
  for (const char* absent :
       {"enqueue_per_s", "start_latency_ms", "start_latency_apart_ms", "servers", "backlog", "held",
        "steady", "filesystem", "fsync_us_p50", "resident_mib"}) {
    EXPECT_FALSE(report.contains(absent)) << absent;
  }
}

TEST_F(Bench, MeasuresResidentMemory) {
  const auto report =
      json_of({"bench", "--storage", "memory:", "--jobs", "1000", "--measure", "memory"});
  EXPECT_GT(report["resident_mib"]["idle_server"], 0);
  EXPECT_FALSE(report.contains("drain_per_s"));
}

TEST_F(Bench, PrintsATableForPeople) {
  const Finished finished =
      run({"bench", "--storage", "memory:", "--jobs", "100", "--measure", "drain"});
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, AllOf(HasSubstr("drain_per_s"), HasSubstr("memory")));
  EXPECT_EQ(finished.err, "");
}

TEST_F(Bench, ExplainsWrongValues) {
  const Finished measure = run({"bench", "--measure", "speed"});
  EXPECT_EQ(measure.code, 2);
  EXPECT_THAT(measure.err, AllOf(HasSubstr("speed"), HasSubstr("latency")));
  EXPECT_EQ(run({"bench", "--jobs", "0"}).code, 2);
  EXPECT_EQ(run({"bench", "--workers", "9999"}).code, 2);
  EXPECT_EQ(run({"bench", "--storage", "sqlite:/nonexistent/place/x.db"}).code, 3);
}

}  // namespace
}  // namespace portfire::cli
