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

TEST_F(Servers, AreAskedToStop) {
  const ServerId id{7, 7};
  storage()->coordination().announce({.id = id, .name = "one", .version = "1.2.3"});
  EXPECT_EQ(json_of({"servers"})["servers"][0]["stopping"], false);
  EXPECT_EQ(json_of({"servers"})["servers"][0]["version"], "1.2.3");
  const Finished asked = run({"servers", "stop", to_string(id)});
  EXPECT_EQ(asked.code, 0) << asked.err;
  EXPECT_THAT(asked.out, HasSubstr("is asked to stop"));
  EXPECT_TRUE(storage()->coordination().heartbeat(id).stop_requested);
  EXPECT_EQ(json_of({"servers"})["servers"][0]["stopping"], true);
  EXPECT_THAT(run({"servers"}).out, HasSubstr("stopping"));
  const auto answer = json_of({"servers", "stop", unknown_id, to_string(id)}, 4);
  EXPECT_EQ(answer["servers"][0]["asked"], false);
  EXPECT_EQ(answer["servers"][1]["asked"], true);
  EXPECT_EQ(run({"servers", "stop"}).code, 2);
  EXPECT_EQ(run({"servers", "stop", "abc"}).code, 2);
}

using Audit = Overview;

TEST_F(Audit, IsListed) {
  EXPECT_THAT(run({"audit"}).out, HasSubstr("Nothing has been written down"));
  EXPECT_EQ(json_of({"audit"})["entries"], nlohmann::json::array());
  const auto shared = storage();
  Coordination& coordination = shared->coordination();
  coordination.record({.actor = "ann", .action = "jobs.requeue", .target = "1", .reason = "why"});
  coordination.conclude(coordination.record({.actor = "bob", .action = "jobs.delete"}), "done");
  EXPECT_THAT(run({"audit"}).out, AllOf(HasSubstr("ACTOR"), HasSubstr("ann"), HasSubstr("done")));
  const auto entries = json_of({"audit", "--actor", "ann"})["entries"];
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0]["number"], 1);
  EXPECT_EQ(entries[0]["action"], "jobs.requeue");
  EXPECT_EQ(entries[0]["reason"], "why");
  EXPECT_EQ(entries[0]["outcome"], "");
  EXPECT_EQ(json_of({"audit", "--before", "2"})["entries"].size(), 1U);
  EXPECT_EQ(json_of({"audit", "--limit", "1"})["entries"][0]["number"], 2);
}

}  // namespace
}  // namespace portfire::cli
