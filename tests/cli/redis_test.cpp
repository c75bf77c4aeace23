// The command on Redis, where it does what it does everywhere else.

#include "cli/program.hpp"
#include "support/redis_place.hpp"

namespace portfire::cli {
namespace {

class OnRedis : public ProgramTest {
 protected:
  [[nodiscard]] Finished run_here(const Arguments& arguments) const {
    return run_with(place_.url(), arguments);
  }
  [[nodiscard]] nlohmann::json json_here(Arguments arguments) const {
    arguments.emplace_back("--json");
    const Finished finished = run_here(arguments);
    EXPECT_EQ(finished.code, 0) << finished.err;
    return finished.json();
  }
  [[nodiscard]] std::string keys() const {
    return place_.server().execute({"KEYS", "{portfire_bench*"});
  }

  const RedisPlace place_;
};

TEST_F(OnRedis, AnInstallationIsBegunUsedAndLookedAt) {
  EXPECT_NE(run_here({"stats"}).code, 0) << "nothing is there yet";
  ASSERT_EQ(run_here({"migrate"}).code, 0);
  const Finished enqueued = run_here({"enqueue", "work", "[1]", "--queue", "mail"});
  ASSERT_EQ(enqueued.code, 0) << enqueued.err;
  EXPECT_EQ(run_here({"queues", "pause", "mail"}).code, 0);
  const nlohmann::json page = json_here({"jobs", "list"});
  ASSERT_EQ(page["jobs"].size(), 1U);
  const std::string id = page["jobs"][0]["id"];
  EXPECT_EQ(json_here({"jobs", "show", id})["queue"], "mail");
  EXPECT_EQ(run_here({"jobs", "delete", id}).code, 0);
  EXPECT_EQ(json_here({"jobs", "show", id})["state"], "Deleted");
}

TEST_F(OnRedis, BenchMeasuresAndLeavesNothing) {
  const nlohmann::json report = json_here({"bench", "--storage", place_.url(), "--workers", "2",
                                           "--jobs", "300", "--measure", "enqueue,bulk,drain"});
  for (const char* rate :
       {"enqueue_per_s", "enqueue_8_threads_per_s", "bulk_enqueue_per_s", "drain_per_s"}) {
    EXPECT_GT(report[rate], 0) << rate;
  }
  EXPECT_EQ(keys(), "");
}

}  // namespace
}  // namespace portfire::cli
