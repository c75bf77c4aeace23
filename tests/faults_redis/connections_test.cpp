// Connections that end where only Redis has them: while a script is told, and while one listens.

#include <thread>

#include "faults_redis/faults.hpp"
#include "support/cuts.hpp"

namespace portfire::faults {
namespace {

class Connections : public ::testing::Test {
 protected:
  const Installation installation_;
  const PrivateRedis& server_ = installation_.server();
  TcpGate gate_{server_.port()};
  testing::TestIds ids_;
};

// As after a restart: the server has forgotten the script, and is told its long text.
TEST_F(Connections, AScriptOnItsWayIsToldAgain) {
  constexpr std::size_t step = 1499;
  const auto far = installation_.open_through(gate_, {.max_connections = 1, .listen = false});
  std::size_t jobs = 0;
  const std::size_t cuts =
      cut_further_and_further(gate_, TcpGate::Way::to_server, false, step, [&] {
        server_.execute({"SCRIPT", "FLUSH"});
        EXPECT_TRUE(commit(*far, creation(ids_)).done());
        ++jobs;
      });
  EXPECT_GT(cuts, 10U);
  EXPECT_EQ(installation_.keys("j"), jobs);
  EXPECT_EQ(ever(*far, "Created"), jobs);
}

// It was sent again on another connection and answered meanwhile: nobody would run what it takes.
TEST_F(Connections, AClaimThatArrivesLateTakesNothing) {
  const auto far = installation_.open_through(gate_, {.max_connections = 1, .listen = false});
  const auto near = installation_.open({.listen = false});
  const auto server = ids_.next<ServerId>();
  far->coordination().announce({.id = server, .name = "test", .job_names = {"work"}, .lease = 1h});
  far->jobs().claim({server, 1, {"default"}, 1});

  gate_.stall();
  std::thread claiming{
      [&] { EXPECT_TRUE(far->jobs().claim({server, 2, {"default"}, 1}).executions.empty()); }};
  EXPECT_TRUE(gate_.wait_for_kept_back());
  gate_.cut_clients();
  gate_.open();
  claiming.join();

  commit(*near, creation(ids_));
  const auto calls = [this] {
    const std::string all = server_.execute({"INFO", "commandstats"});
    const std::string name = "cmdstat_evalsha:calls=";
    return std::stoul(all.substr(all.find(name) + name.size()));
  };
  const std::size_t before = calls();
  gate_.deliver_late();
  while (calls() == before) std::this_thread::yield();
  EXPECT_TRUE(near->jobs().held(server).empty()) << "a job that nobody runs";
}

class Listening : public Connections {
 protected:
  // A server that would look by itself only in an hour, on a storage that does so while it cannot
  // listen.
  void serve(const std::string& url) {
    Handlers handlers;
    handlers.on(work_, [this](int number) {
      EXPECT_EQ(number, static_cast<int>(runs_.count()));
      runs_.add();
    });
    server_of_jobs_.emplace(
        redis::open(url, {.poll_interval = 20ms}), handlers,
        ServerOptions{.workers = 1, .lease = 1s, .poll_interval = 1h, .log = silent_sink()});
    server_of_jobs_->start();
  }
  // From another process, as it were.
  void expect_run() {
    client_.enqueue(work_, static_cast<int>(enqueued_));
    EXPECT_TRUE(runs_.wait_for(++enqueued_));
  }
  void wait_for_subscribers(const std::string& count) const {
    const std::string channel =
        installation_.url().substr(installation_.url().find("prefix=") + 7) + "}/queue/default";
    server_.wait_until({"PUBSUB", "NUMSUB", "{" + channel}, "\n" + count);
  }

  const Job<void(int)> work_{"work"};
  Client client_{installation_.open(), {.log = silent_sink()}};
  std::size_t enqueued_ = 0;
  Progress runs_;
  std::optional<Server> server_of_jobs_;
};

TEST_F(Listening, WhileNobodyMaySubscribeServersPollAndThenTheyListenAgain) {
  serve(installation_.url());
  wait_for_subscribers("1");
  expect_run();
  server_.execute({"ACL", "SETUSER", "default", "-subscribe"});
  server_.execute({"CLIENT", "KILL", "TYPE", "pubsub"});
  wait_for_subscribers("0");
  for (int i = 0; i < 3; ++i) expect_run();
  wait_for_subscribers("0");
  server_.execute({"ACL", "SETUSER", "default", "+subscribe"});
  wait_for_subscribers("1");
  expect_run();
}

TEST_F(Listening, SubscriptionsThatAreKilledAgainAndAgainLoseNothing) {
  serve(installation_.url());
  for (int i = 0; i < 30; ++i) {
    server_.execute({"CLIENT", "KILL", "TYPE", "pubsub"});
    expect_run();
  }
  wait_for_subscribers("1");
}

TEST_F(Listening, WhatWasEnqueuedDuringAnOutageIsRunAfterIt) {
  serve(installation_.url_through(gate_));
  expect_run();
  gate_.close();
  client_.enqueue(work_, static_cast<int>(enqueued_++));
  // It has tried to come through, for work and for news.
  EXPECT_TRUE(gate_.wait_for_connection(gate_.connections() + 5));
  gate_.open();
  EXPECT_TRUE(runs_.wait_for(enqueued_));
  expect_run();
}

}  // namespace
}  // namespace portfire::faults
