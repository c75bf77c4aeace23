// `portfire queues`, `servers` and `stats`.

#include <portfire/handlers.hpp>
#include <portfire/log.hpp>
#include <portfire/server.hpp>

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Overview : public StorageTest {};

using Queues = Overview;
using Servers = Overview;
using Stats = Overview;

TEST_F(Queues, AreListed) {
  EXPECT_THAT(run({"queues", "list"}).out, HasSubstr("No queue holds a job"));
  EXPECT_EQ(json_of({"queues", "list"})["queues"], nlohmann::json::array());
  enqueue({"work", "--queue", "mail"});
  enqueue({"work", "--queue", "mail"});
  EXPECT_THAT(run({"queues", "list"}).out,
              AllOf(HasSubstr("QUEUE"), HasSubstr("mail"), HasSubstr("open")));
  const auto queue = json_of({"queues", "list"})["queues"][0];
  EXPECT_EQ(queue["name"], "mail");
  EXPECT_EQ(queue["ready"], 2);
  EXPECT_EQ(queue["running"], 0);
  EXPECT_EQ(queue["no_handler"], 0);
  EXPECT_EQ(queue["paused"], false);
  EXPECT_TRUE(queue["oldest_ready"].is_string());
}

TEST_F(Queues, ArePausedAndResumed) {
  const Finished paused = run({"queues", "pause", "mail", "--reason", "no relay", "--by", "ann"});
  EXPECT_EQ(paused.code, 0) << paused.err;
  EXPECT_THAT(paused.out, HasSubstr("Queue mail is paused"));
  const auto queue = json_of({"queues", "list"})["queues"][0];
  EXPECT_EQ(queue["paused"], true);
  EXPECT_EQ(queue["paused_by"], "ann");
  EXPECT_EQ(queue["pause_reason"], "no relay");
  EXPECT_THAT(run({"queues", "list"}).out, HasSubstr("paused by ann: no relay"));
  EXPECT_EQ(json_of({"queues", "resume", "mail"}),
            (nlohmann::json{{"queue", "mail"}, {"paused", false}}));
  EXPECT_EQ(json_of({"queues", "list"})["queues"][0]["paused"], false);
}

TEST_F(Queues, HaveNamesOfAFewCharacters) {
  const Finished finished = run({"queues", "pause", "Mail"});
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, AllOf(HasSubstr("\"Mail\""), HasSubstr("a-z, 0-9, _ and -")));
}

TEST_F(Servers, AreListedWhileTheyRun) {
  EXPECT_THAT(run({"servers"}).out, HasSubstr("No server is running on sqlite:"));
  Handlers handlers;
  handlers.on("work", [] {});
  Server server{storage(), handlers, {.workers = 3, .name = "tester", .log = silent_sink()}};
  server.start();
  EXPECT_THAT(run({"servers"}).out, AllOf(HasSubstr("tester"), HasSubstr("work")));
  const auto answer = json_of({"servers"});
  ASSERT_EQ(answer["servers"].size(), 1U);
  const auto& one = answer["servers"][0];
  EXPECT_EQ(one["id"], to_string(server.id()));
  EXPECT_EQ(one["name"], "tester");
  EXPECT_EQ(one["workers"], 3);
  EXPECT_EQ(one["running"], 0);
  EXPECT_EQ(one["queues"], nlohmann::json{"default"});
  EXPECT_EQ(one["job_names"], nlohmann::json{"work"});
  server.stop();
  EXPECT_EQ(json_of({"servers"})["servers"], nlohmann::json::array());
}

TEST_F(Stats, CountWhatIsThereAndWhatWas) {
  const std::string id = enqueue({"work"});
  let_run(id);
  enqueue({"work", "--queue", "mail"});
  const auto numbers = json_of({"stats"});
  EXPECT_EQ(numbers["live"], (nlohmann::json{{"Enqueued", 1}, {"Succeeded", 1}}));
  EXPECT_EQ(numbers["queues"]["mail"], (nlohmann::json{{"Enqueued", 1}}));
  EXPECT_EQ(numbers["queues"]["default"], (nlohmann::json{{"Succeeded", 1}}));
  EXPECT_EQ(numbers["lifetime"]["Created"], 2);
  EXPECT_EQ(numbers["lifetime"]["Succeeded"], 1);
  EXPECT_EQ(numbers["last_24_hours"]["Created"], 2);
  EXPECT_TRUE(numbers["now"].is_string());
  EXPECT_THAT(numbers["storage"].get<std::string>(), HasSubstr("jobs.db"));
  EXPECT_THAT(run({"stats"}).out,
              AllOf(HasSubstr("STATE"), HasSubstr("Enqueued"), HasSubstr("mail")));
}

TEST_F(Stats, AreZeroAtFirst) {
  const Finished finished = run({"stats"});
  EXPECT_EQ(finished.code, 0);
  EXPECT_THAT(finished.out, HasSubstr("Succeeded"));
  EXPECT_EQ(json_of({"stats"})["live"], nlohmann::json::object());
}

}  // namespace
}  // namespace portfire::cli
