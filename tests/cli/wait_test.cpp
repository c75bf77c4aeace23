// `portfire jobs wait`.

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class JobsWait : public StorageTest {};

TEST_F(JobsWait, TellsHowAJobEnded) {
  const std::string id = enqueue({"work"});
  let_run(id);
  const Finished finished = run({"jobs", "wait", id});
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_EQ(finished.out, id + "  Succeeded  42\n");
  const auto answer = json_of({"jobs", "wait", id})["jobs"][0];
  EXPECT_EQ(answer["id"], id);
  EXPECT_EQ(answer["ended"], true);
  EXPECT_EQ(answer["state"], "Succeeded");
  EXPECT_EQ(answer["result"], 42);
}

TEST_F(JobsWait, WaitsForAJobThatRunsMeanwhile) {
  const std::string id = enqueue({"work"});
  Finished finished;
  std::thread waiting{[&] { finished = run({"jobs", "wait", id, "--timeout", "1m"}); }};
  let_run(id);
  waiting.join();
  EXPECT_EQ(finished.code, 0) << finished.err;
}

TEST_F(JobsWait, FailsWithTheJob) {
  const std::string good = enqueue({"work"});
  const std::string bad = enqueue({"fail"});
  let_run(bad);
  const Finished finished = run({"jobs", "wait", good, bad});
  EXPECT_EQ(finished.code, 1);
  EXPECT_THAT(finished.out, AllOf(HasSubstr(good + "  Succeeded"), HasSubstr(bad + "  Failed"),
                                  HasSubstr("the printer is on fire")));
}

TEST_F(JobsWait, GivesUpWhenTheTimeIsUp) {
  const std::string id = enqueue({"work"});
  const Finished finished = run({"jobs", "wait", id, "--timeout", "1ms"});
  EXPECT_EQ(finished.code, 5);
  EXPECT_THAT(finished.err, HasSubstr("is still Enqueued"));
  EXPECT_EQ(json_of({"jobs", "wait", id, "--timeout", "1ms"}, 5)["jobs"][0]["ended"], false);
}

TEST_F(JobsWait, MissesUnknownJobs) {
  const Finished finished = run({"jobs", "wait", unknown_id});
  EXPECT_EQ(finished.code, 4);
  EXPECT_THAT(finished.err, HasSubstr("there is no job"));
}

TEST_F(JobsWait, ExplainsWrongValues) {
  const Finished finished = run({"jobs", "wait", unknown_id, "--timeout", "long"});
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, HasSubstr("--timeout is \"long\""));
}

}  // namespace
}  // namespace portfire::cli
