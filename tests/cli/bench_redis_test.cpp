// `portfire bench` on Redis: that it measures what it says; never how fast.

#include "cli/program.hpp"
#include "support/private_redis.hpp"

namespace portfire::cli {
namespace {

using ::testing::HasSubstr;

class BenchRedis : public ProgramTest {
 protected:
  [[nodiscard]] nlohmann::json report_of(Arguments arguments, const std::string& url) const {
    arguments.insert(arguments.begin(), {"bench", "--storage", url, "--workers", "2"});
    return json_of(std::move(arguments));
  }
  [[nodiscard]] nlohmann::json report_of(Arguments arguments) const {
    return report_of(std::move(arguments), server_.url());
  }

  [[nodiscard]] std::string keys() const { return server_.execute({"KEYS", "*"}); }

  PrivateRedis& server_ = PrivateRedis::shared();
};

TEST_F(BenchRedis, MeasuresRatesBesideTheFloor) {
  for (const std::string& url : {server_.url(), server_.tcp_url()}) {
    const auto report =
        report_of({"--jobs", "300", "--measure", "enqueue,bulk,drain", "--floor"}, url);
    for (const char* rate :
         {"enqueue_per_s", "enqueue_8_threads_per_s", "bulk_enqueue_per_s", "drain_per_s"}) {
      EXPECT_GT(report[rate], 0) << rate;
      EXPECT_GT(report["floor"][rate], 0) << rate;
    }
    EXPECT_FALSE(report.contains("filesystem"));
    EXPECT_EQ(keys(), "");
  }
}

TEST_F(BenchRedis, TheFloorConnectsWhereTheUrlSays) {
  server_.execute(
      {"ACL", "SETUSER", "bencher", "on", ">a:b@c", "allkeys", "allchannels", "allcommands"});
  const std::string port = std::to_string(server_.port());
  const auto report = report_of({"--jobs", "300", "--measure", "drain", "--floor"},
                                "redis://bencher:a%3Ab%40c@127.0.0.1:" + port + "/3");
  EXPECT_GT(report["floor"]["drain_per_s"], 0);
  // Databases that have ever been used are listed with what is in them.
  EXPECT_THAT(server_.execute({"INFO", "keyspace"}), ::testing::Not(HasSubstr("keys=")));
  server_.execute({"ACL", "DELUSER", "bencher"});
}

TEST_F(BenchRedis, MeasuresServersInProcessesOfTheirOwn) {
  const auto report = report_of({"--jobs", "500", "--measure", "apart,servers", "--servers", "2"});
  EXPECT_GT(report["start_latency_apart_ms"]["p50"], 0);
  EXPECT_EQ(report["servers"]["count"], 2);
  EXPECT_GT(report["servers"]["drain_by_all_per_s"], 0);
  EXPECT_EQ(keys(), "");
}

TEST_F(BenchRedis, MeasuresAFullStorageBesideAnEmptyOne) {
  const auto report = report_of({"--jobs", "300", "--measure", "backlog", "--backlog", "2500"});
  EXPECT_EQ(report["backlog"]["awaiting"], 250);
  EXPECT_GT(report["backlog"]["drain_full_per_s"], 0);
}

TEST_F(BenchRedis, MeasuresASteadyStateWithTheSizesOfKindsOfKeys) {
  const auto report = report_of({"--measure", "steady", "--steady", "1"});
  EXPECT_GT(report["steady"]["jobs"], 0);
  EXPECT_GT(report["steady"]["end_mib"]["job"], 0);
  EXPECT_GT(report["steady"]["end_mib"]["total"], report["steady"]["end_mib"]["job"]);
}

TEST_F(BenchRedis, MeasuresHowMuchMemoryAJobTakes) {
  // A job's arguments alone are 44 bytes.
  const auto report = report_of({"--jobs", "5000", "--measure", "memory"});
  EXPECT_GT(report["stored_bytes_per_job"]["waiting"], 44);
  EXPECT_GT(report["stored_bytes_per_job"]["finished"], 44);
  EXPECT_LT(report["stored_bytes_per_job"]["finished"], 10'000);
}

TEST_F(BenchRedis, RefusesWhatRedisCannotBeMeasuredFor) {
  const Finished held = run({"bench", "--storage", server_.url(), "--measure", "held"});
  EXPECT_EQ(held.code, 2);
  EXPECT_THAT(held.err, HasSubstr("held"));
}

}  // namespace
}  // namespace portfire::cli
