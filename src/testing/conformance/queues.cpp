// What is set for a queue.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;

void keep_queues() {}

TEST_P(Queues, NothingIsSetAtFirst) {
  create(job());
  EXPECT_TRUE(coordination().queue_settings().empty());
}

TEST_P(Queues, SettingsAreStoredUnderANewVersion) {
  ASSERT_TRUE(coordination().set_queue(
      {.name = "mail", .paused = true, .paused_by = "ann", .pause_reason = "upgrade"}));
  EXPECT_EQ(coordination().queue_settings(),
            (std::vector<portfire::QueueSettings>{{.name = "mail",
                                                   .paused = true,
                                                   .paused_by = "ann",
                                                   .pause_reason = "upgrade",
                                                   .version = 1}}));
}

TEST_P(Queues, SettingsAreReplacedUnderTheirVersion) {
  ASSERT_TRUE(coordination().set_queue({.name = "mail", .paused = true, .paused_by = "ann"}));
  ASSERT_TRUE(coordination().set_queue({.name = "mail", .version = 1}));
  EXPECT_EQ(coordination().queue_settings(),
            (std::vector<portfire::QueueSettings>{{.name = "mail", .version = 2}}));
}

TEST_P(Queues, WhoeverIsLateChangesNothing) {
  ASSERT_TRUE(coordination().set_queue({.name = "mail", .paused = true}));
  EXPECT_FALSE(coordination().set_queue({.name = "mail", .paused = false, .version = 0}));
  EXPECT_FALSE(coordination().set_queue({.name = "mail", .paused = false, .version = 2}));
  EXPECT_FALSE(coordination().set_queue({.name = "other", .paused = true, .version = 1}));
  EXPECT_EQ(coordination().queue_settings(),
            (std::vector<portfire::QueueSettings>{{.name = "mail", .paused = true, .version = 1}}));
}

TEST_P(Queues, SettingsAreListedByName) {
  for (const std::string name : {"c", "a", "b"}) coordination().set_queue({.name = name});
  std::vector<std::string> names;
  for (const auto& settings : coordination().queue_settings()) names.push_back(settings.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c"}));
}

TEST_P(Queues, APauseLeavesRunningJobsAlone) {
  create_many(2);
  const Execution execution = claim_one();
  ASSERT_TRUE(coordination().set_queue({.name = "default", .paused = true}));
  EXPECT_EQ(server().held(), (std::vector{execution.ref}));
  EXPECT_EQ(finish(execution).status, CommitStatus::applied);
}

TEST_P(Queues, APausedQueueTakesNewJobs) {
  ASSERT_TRUE(coordination().set_queue({.name = "default", .paused = true}));
  create(job());
  EXPECT_EQ(live_count("Enqueued"), 1U);
}

TEST_P(Queues, APauseKeepsSuspectsAndNamedLanesBackToo) {
  create(job("rare"));
  create(job());
  TestServer dead = new_server({"rare"});
  dead.claim(2);
  reclaim({dead.id()});
  ASSERT_TRUE(coordination().set_queue({.name = "default", .paused = true}));
  EXPECT_TRUE(new_server({"rare", "work"}).claim(10).empty());
}

TEST_P(Queues, AClaimSentAgainAfterAPauseAnswersWithWhatIsHeld) {
  create(job());
  const Execution execution = claim_one();
  ASSERT_TRUE(coordination().set_queue({.name = "default", .paused = true}));
  EXPECT_EQ(ids_of(server().claim_with(server().last_token(), 1)),
            (std::vector{execution.ref.job}));
}

}  // namespace portfire::conformance
