#include "dashboard/explanation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portfire::dashboard {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr ServerId server_id{1, 2};

class Explanation : public ::testing::Test {
 protected:
  Explanation() {
    around.now = TimePoint{1000h};
    job.name = "mail.send";
    job.queue = "mail";
    job.since = around.now - 5min;
  }

  void add_server(std::vector<std::string> queues, std::vector<std::string> names) {
    ServerSummary server;
    server.info = {.id = server_id,
                   .name = "one",
                   .workers = 2,
                   .queues = std::move(queues),
                   .job_names = std::move(names)};
    server.heartbeat_at = around.now;
    server.running = 2;
    around.servers.push_back(std::move(server));
  }
  std::vector<std::string> sentences() { return explain(job, around); }

  JobDetails job;
  Surroundings around;
};

TEST_F(Explanation, OfReadyJobs) {
  job.kind = StateKind::ready;
  EXPECT_THAT(sentences(), ElementsAre(HasSubstr("No server is running")));
  add_server({"other"}, {"mail.send"});
  EXPECT_THAT(sentences(), ElementsAre(HasSubstr("serves the queue \"mail\"")));
  around.servers.clear();
  add_server({"mail"}, {"other"});
  EXPECT_THAT(sentences(), ElementsAre(HasSubstr("has a handler named \"mail.send\"")));
  add_server({"mail"}, {"mail.send"});
  EXPECT_THAT(sentences(), ElementsAre(HasSubstr("2 of 2 workers that can run it are busy")));
  around.queues.push_back({.name = "mail", .ready = 7});
  around.queues[0].settings = {
      .name = "mail", .paused = true, .paused_by = "ann", .pause_reason = "relay down"};
  EXPECT_THAT(sentences(), ElementsAre("Its queue \"mail\" is paused by ann: relay down.",
                                       HasSubstr("workers"), HasSubstr("7 jobs are ready")));
}

TEST_F(Explanation, OfTimedJobs) {
  job.kind = StateKind::timed;
  job.due_at = around.now + 90min;
  job.attempt = 3;
  EXPECT_THAT(sentences(), ElementsAre("It falls due in 90 minutes.", HasSubstr("retry 3")));
  job.due_at = around.now - 1s;
  EXPECT_THAT(sentences(), Contains(HasSubstr("no server is running")));
  add_server({"mail"}, {});
  EXPECT_THAT(sentences(), Contains(HasSubstr("in a moment")));
}

TEST_F(Explanation, OfWaitingJobs) {
  job.kind = StateKind::waiting;
  job.parents = {{JobId{1, 1}, Condition::succeeded}};
  EXPECT_THAT(sentences(), ElementsAre(HasSubstr("waits for another job")));
  job.parents.clear();
  job.in_line = true;
  job.limit_key = "api";
  EXPECT_THAT(sentences(), ElementsAre(HasSubstr("limit \"api\"")));
  job.in_line = false;
  job.members = MemberCounts{.total = 10, .outstanding = 4};
  EXPECT_THAT(sentences(), ElementsAre("4 of its 10 members have not ended yet."));
}

TEST_F(Explanation, OfRunningJobs) {
  job.kind = StateKind::running;
  job.server = server_id;
  EXPECT_THAT(sentences(), ElementsAre(HasSubstr("Its server is gone")));
  add_server({"mail"}, {});
  EXPECT_THAT(sentences(), ElementsAre("It is running on \"one\" for 5 minutes."));
  around.servers[0].heartbeat_at = around.now - 10min;
  EXPECT_THAT(sentences(), ElementsAre(HasSubstr("no sign of life for 10 minutes")));
}

TEST_F(Explanation, OfTheOthers) {
  job.kind = StateKind::parked;
  EXPECT_THAT(sentences(), ElementsAre(HasSubstr("until somebody requeues or deletes")));
  job.kind = StateKind::final;
  job.expires_at = around.now + 25h;
  job.stopping_on = server_id;
  job.suspect = true;
  EXPECT_THAT(sentences(),
              ElementsAre(HasSubstr("kept for another 25 hours"), HasSubstr("told to stop"),
                          HasSubstr("crashed while it held")));
}

}  // namespace
}  // namespace portfire::dashboard
