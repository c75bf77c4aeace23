// `portfire recurring`.

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class RecurringCommands : public StorageTest {
 protected:
  auto listed() { return json_of({"recurring", "list"})["recurring"]; }
};

TEST_F(RecurringCommands, AreAddedChangedAndLeftAlone) {
  EXPECT_THAT(run({"recurring", "list"}).out, HasSubstr("There is no recurring job"));
  const std::vector<std::string> add{"recurring",   "add",     "digest",    "0 8 * * MON-FRI",
                                     "mail.digest", "[\"a\"]", "--zone",    "Europe/Paris",
                                     "--queue",     "mail",    "--overlap", "skip"};
  EXPECT_EQ(run(add).out, "digest  added\n");
  EXPECT_EQ(run(add).out, "digest  unchanged\n");
  EXPECT_EQ(run({"recurring", "add", "digest", "0 9 * * *", "mail.digest"}).out,
            "digest  changed\n");
  EXPECT_EQ(run({"recurring", "add", "poll", "every 90s", "feed.poll"}).code, 0);
  const auto all = listed();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["id"], "digest");
  EXPECT_EQ(all[0]["schedule"], "0 9 * * *");
  EXPECT_EQ(all[0]["description"], "At 09:00, every day");
  EXPECT_EQ(all[0]["runs"], 0);
  EXPECT_EQ(all[0]["last_job"], nullptr);
  EXPECT_NE(all[0]["next"], nullptr);
  EXPECT_EQ(all[1]["schedule"], "every 1m30s");
  EXPECT_THAT(run({"recurring", "list"}).out,
              AllOf(HasSubstr("SCHEDULE"), HasSubstr("every 1m30s"), HasSubstr("waits")));
}

TEST_F(RecurringCommands, ArePausedResumedAndRemoved) {
  ASSERT_EQ(run({"recurring", "add", "digest", "0 8 * * *", "mail.digest"}).code, 0);
  EXPECT_EQ(run({"recurring", "pause", "digest", "--reason", "moving", "--by", "ann"}).out,
            "digest  paused\n");
  EXPECT_EQ(listed()[0]["paused"], true);
  EXPECT_EQ(listed()[0]["paused_by"], "ann");
  EXPECT_EQ(listed()[0]["next"], nullptr);
  EXPECT_THAT(run({"recurring", "list"}).out, HasSubstr("paused by ann: moving"));
  EXPECT_EQ(run({"recurring", "resume", "digest"}).code, 0);
  EXPECT_EQ(listed()[0]["paused"], false);
  EXPECT_EQ(run({"recurring", "pause", "digest", "--until", "2099-01-01T00:00:00Z"}).code, 0);
  EXPECT_EQ(listed()[0]["next"], "2099-01-01T08:00:00.000000Z");
  EXPECT_EQ(run({"recurring", "remove", "digest"}).code, 0);
  EXPECT_TRUE(listed().empty());
}

TEST_F(RecurringCommands, ATriggerPrintsTheJob) {
  ASSERT_EQ(run({"recurring", "add", "once", "0 0 31 2 *", "work", "--overlap", "skip"}).code, 0);
  const Finished first = run({"recurring", "trigger", "once"});
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(shown(first.out.substr(0, first.out.find('\n')))["name"], "work");
  const auto again = json_of({"recurring", "trigger", "once"}, 1);
  EXPECT_EQ(again["status"], "rejected");
  EXPECT_EQ(again["job"], nullptr);
}

TEST_F(RecurringCommands, MistakesAreNamed) {
  const Finished expression = run({"recurring", "add", "a", "0 25 * * *", "work"});
  EXPECT_EQ(expression.code, 2);
  EXPECT_THAT(expression.err, HasSubstr("25"));
  EXPECT_THAT(run({"recurring", "add", "a", "every soon", "work"}).err, HasSubstr("soon"));
  EXPECT_THAT(run({"recurring", "add", "a", "0 1 * * *", "work", "--zone", "Mars"}).err,
              HasSubstr("Mars"));
  for (const char* verb : {"trigger", "pause", "resume", "remove"}) {
    const Finished missing = run({"recurring", verb, "none"});
    EXPECT_EQ(missing.code, 4) << verb;
    EXPECT_THAT(missing.err, HasSubstr("there is no recurring job \"none\"")) << verb;
  }
}

}  // namespace
}  // namespace portfire::cli
