// `portfire jobs show`.

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class JobsShow : public StorageTest {};

TEST_F(JobsShow, TellsTheWholeLifeOfAJob) {
  const std::string id = enqueue({"work", "--unique", "key"});
  let_run(id);
  const Finished finished = run({"jobs", "show", id});
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out,
              AllOf(HasSubstr("Job " + id), HasSubstr("Succeeded since 20"), HasSubstr("42"),
                    HasSubstr("History"), HasSubstr("Processing"), HasSubstr("hard at it")));
}

TEST_F(JobsShow, TellsItInJson) {
  const std::string id = enqueue({"work"});
  let_run(id);
  const auto job = json_of({"jobs", "show", id});
  EXPECT_EQ(job["id"], id);
  EXPECT_EQ(job["state"], "Succeeded");
  EXPECT_EQ(job["kind"], "final");
  EXPECT_EQ(job["result"], 42);
  EXPECT_EQ(job["epoch"], 1);
  ASSERT_EQ(job["history"].size(), 3U);
  EXPECT_EQ(job["history"][1]["state"], "Processing");
  EXPECT_TRUE(job["history"][1]["server"].is_string());
  EXPECT_EQ(job["log"][0]["text"], "hard at it");
  EXPECT_EQ(job["log"][0]["level"], "info");
  for (const char* key :
       {"name",       "queue",   "priority",   "reason",      "attempt",    "created_at",
        "since",      "due_at",  "server",     "duration_us", "arguments",  "no_handler",
        "parameters", "data",    "started_at", "expires_at",  "parents",    "children",
        "unique_key", "suspect", "crashes",    "progress",    "stopping_on"}) {
    EXPECT_TRUE(job.contains(key)) << key;
  }
}

TEST_F(JobsShow, TellsWhyAJobFailed) {
  const std::string id = enqueue({"fail"});
  let_run(id);
  EXPECT_THAT(run({"jobs", "show", id}).out,
              AllOf(HasSubstr("Failed since"), HasSubstr("the printer is on fire")));
}

TEST_F(JobsShow, HasAFrameOfAStackOnEachLine) {
  const std::string id = enqueue({"work"});
  State failed = states::failed("no order");
  failed.data =
      R"json({"type":"acme::Error","message":"no order","stack":["acme::run() at a.cpp:7","main"],
              "nested":[{"type":"int","message":"","stack":["acme::read()"]}]})json";
  const Unit unit{.id = UnitId{1, 1},
                  .transitions = {{.job = *parse_id<JobId>(id), .state = std::move(failed)}}};
  ASSERT_TRUE(storage()->jobs().commit({&unit, 1}).front().done());
  const Finished finished = run({"jobs", "show", id});
  EXPECT_THAT(finished.out, HasSubstr("Stack of the last failure\n"
                                      "  acme::Error: no order\n"
                                      "    acme::run() at a.cpp:7\n"
                                      "    main\n"
                                      "  caused by int: \n"
                                      "    acme::read()\n"));
  EXPECT_THAT(finished.out, Not(HasSubstr(R"("stack")")));
}

TEST_F(JobsShow, MissesUnknownJobs) {
  const Finished finished = run({"jobs", "show", unknown_id, "--json"});
  EXPECT_EQ(finished.code, 4);
  EXPECT_EQ(finished.out, "");
  EXPECT_THAT(finished.err, HasSubstr(std::string{"there is no job "} + unknown_id));
}

TEST_F(JobsShow, WantsAnId) {
  EXPECT_EQ(run({"jobs", "show"}).code, 2);
  const Finished finished = run({"jobs", "show", "17"});
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, HasSubstr("ID is \"17\""));
}

}  // namespace
}  // namespace portfire::cli
