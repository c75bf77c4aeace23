// Replicas that do not confirm, and masters that are replaced by one of them.

#include <atomic>
#include <optional>
#include <stop_token>
#include <thread>

#include "faults_redis/faults.hpp"

namespace portfire::faults {
namespace {

using ::testing::AllOf;
using testing::ending;
using ::testing::HasSubstr;
using testing::UnitBuilder;

class Replicas : public ::testing::Test {
 protected:
  Replicas() { wait_for(replica_); }

  // Until it confirms what is done.
  void wait_for(const PrivateRedis& replica) const {
    replica.wait_until({"INFO", "replication"}, "master_link_status:up");
    master_.wait_until({"INFO", "replication"}, "state=online");
    master_.execute({"SET", "mark", std::to_string(++marks_)});
    replica.wait_until({"GET", "mark"}, std::to_string(marks_));
  }

  // The number of the client who waits, as only WAIT lets one here; empty when there is none.
  [[nodiscard]] std::string waiting_client() const {
    const std::string all = master_.execute({"CLIENT", "LIST"});
    const auto at = all.find("flags=b");
    if (at == std::string::npos) return {};
    const auto begin = all.rfind("id=", all.rfind("addr=", at));
    return all.substr(begin, all.find(' ', begin) - begin);
  }

  PrivateRedis master_{{.tcp = true}};
  PrivateRedis replica_{{.tcp = true, .replica_of = &master_}};
  testing::TestIds ids_;

 private:
  mutable int marks_ = 0;
};

TEST_F(Replicas, WhatTooFewConfirmIsSaidAndMayBeSentAgain) {
  PrivateRedis second{{.replica_of = &master_}};
  wait_for(second);
  const auto storage =
      redis::open(master_.url(), {.wait_replicas = 2, .wait_timeout = 500ms, .listen = false});
  const Unit first = creation(ids_);
  EXPECT_TRUE(commit(*storage, first).done());
  second.stop();
  const Unit unit = creation(ids_);
  EXPECT_THAT(complaint([&] { commit(*storage, unit); }),
              AllOf(HasSubstr("for later: "), HasSubstr("the change is made, but only 1 of 2"),
                    HasSubstr("within 500ms"), HasSubstr("lower wait_replicas")));
  // Sent again it is waited for again, although it is there.
  EXPECT_THAT(complaint([&] { commit(*storage, unit); }), HasSubstr("only 1 of 2"));
  EXPECT_TRUE(storage->monitoring().job(unit.jobs.front().id));
  // Hearts beat all the same.
  const auto server = ids_.next<ServerId>();
  EXPECT_THAT(complaint([&] { storage->coordination().announce({.id = server, .name = "test"}); }),
              HasSubstr("only 1 of 2"));
  EXPECT_TRUE(storage->coordination().heartbeat(server).known);
  second.start();
  wait_for(second);
  EXPECT_EQ(commit(*storage, unit).status, CommitStatus::already_applied);
  EXPECT_EQ(ever(*storage, "Created"), 2U);
}

// The change has been answered, and then the connection is lost before the replica has confirmed.
TEST_F(Replicas, AChangeIsNotMadeBeforeItsConfirmationHasArrived) {
  TcpGate gate{master_.port()};
  const auto near = redis::open(master_.url(), {.listen = false});
  std::string url = master_.tcp_url();
  const std::string port = ':' + std::to_string(master_.port()) + '/';
  url.replace(url.find(port), port.size(), ':' + std::to_string(gate.port()) + '/');
  const auto far = redis::open(
      url, {.max_connections = 1, .wait_replicas = 1, .wait_timeout = 1min, .listen = false});
  const Unit unit = creation(ids_);
  EXPECT_TRUE(commit(*far, creation(ids_)).done());
  replica_.freeze();
  std::atomic<bool> returned{false};
  std::string said;
  std::thread committing{[&] {
    said = complaint([&] { commit(*far, unit); });
    returned = true;
  }};
  while (waiting_client().empty()) std::this_thread::yield();
  EXPECT_TRUE(near->monitoring().job(unit.jobs.front().id));
  const std::string client = waiting_client();
  gate.cut();
  // It must wait once more, on another connection.
  const auto waits_again = [&] {
    const std::string now = waiting_client();
    return !now.empty() && now != client;
  };
  while (!returned && !waits_again()) std::this_thread::yield();
  EXPECT_FALSE(returned) << "a change that the next master does not know";
  replica_.thaw();
  committing.join();
  EXPECT_EQ(said, "no complaint");
  EXPECT_EQ(ever(*near, "Created"), 2U);
}

TEST_F(Replicas, AServerGoesOnWhenTheReplicaThatItWaitsForComesBack) {
  const auto storage = redis::open(master_.url(), {.wait_replicas = 1, .wait_timeout = 500ms});
  const auto beside = redis::open(master_.url());
  Drain drain{storage, beside, 80};
  drain.hold_from(30);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  replica_.kill();
  master_.wait_until({"INFO", "replication"}, "connected_slaves:0");
  drain.release();
  ASSERT_TRUE(drain.wait_for_trouble());
  replica_.start();
  drain.expect_each_done_once();
}

class FailOver : public Replicas {
 protected:
  FailOver() {
    // It usually takes ten seconds for what is tested here.
    sentinel_.execute({"SENTINEL", "DEBUG", "info-period", "200", "publish-period", "100"});
    sentinel_.wait_until({"SENTINEL", "replicas", "master"}, "master-link-status\nok");
  }
  [[nodiscard]] std::shared_ptr<Storage> open() const {
    const std::string sentinel = "127.0.0.1:" + std::to_string(sentinel_.port());
    return redis::open("redis+sentinel://127.0.0.1:1," + sentinel + "/master",
                       {.wait_replicas = 1, .wait_timeout = 5s});
  }
  // What is confirmed has reached the only replica. The next one follows what becomes of it.
  void fail_over() {
    master_.kill();
    replica_.wait_until({"ROLE"}, "master");
    next_.emplace(PrivateRedisOptions{.replica_of = &replica_});
  }

  PrivateRedis sentinel_{{.tcp = true, .sentinel_of = &master_}};
  std::optional<PrivateRedis> next_;
};

TEST_F(FailOver, AServerGoesOnWithTheReplicaThatIsPromoted) {
  constexpr std::size_t before = 30;
  Drain drain{open(), open(), 80};
  drain.hold_from(before);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  drain.release();
  fail_over();
  drain.expect_each_done_once();
  EXPECT_EQ(ever(*redis::open(replica_.url()), "Succeeded"), 80U);
}

// A server's part, a job at a time, with the master killed at any point of it.
TEST_F(FailOver, NothingThatWasConfirmedIsUndone) {
  const auto storage = open();
  const auto server = ids_.next<ServerId>();
  storage->coordination().announce(
      {.id = server, .name = "test", .job_names = {"work"}, .lease = 1h});
  std::vector<JobId> created;
  std::vector<JobId> ended;
  Progress progress;
  // Sent again until it is known to be done.
  const auto insist = [](auto verb) {
    while (true) {
      try {
        return verb();
      } catch (const StorageError& error) {
        EXPECT_TRUE(error.retryable() || error.connection_lost()) << error.what();
      }
    }
  };
  const auto work = [&](const std::stop_token& stop) {
    for (std::uint64_t token = 1; !stop.stop_requested(); ++token) {
      const Unit unit = creation(ids_);
      insist([&] { return commit(*storage, unit); });
      created.push_back(unit.jobs.front().id);
      const auto taken =
          insist([&] { return storage->jobs().claim({server, token, {"default"}, 1}); });
      ASSERT_EQ(taken.executions.size(), 1U) << "a job that was confirmed is lost";
      EXPECT_EQ(taken.executions[0].ref.job, created.back()) << "one that was ended is ready again";
      const Unit end = UnitBuilder{ids_.next<UnitId>()}.move(ending(taken.executions[0]));
      EXPECT_TRUE(insist([&] { return commit(*storage, end); }).done());
      ended.push_back(created.back());
      progress.add();
    }
  };
  {
    const std::jthread working{work};
    EXPECT_TRUE(progress.wait_for(100));
    fail_over();
    EXPECT_TRUE(progress.wait_for(progress.count() + 20));
  }
  const auto promoted = redis::open(replica_.url());
  for (const JobId id : ended) {
    const auto found = promoted->monitoring().job(id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->state, "Succeeded");
  }
  EXPECT_EQ(ever(*promoted, "Created"), created.size());
  EXPECT_EQ(ever(*promoted, "Succeeded"), ended.size());
}

}  // namespace
}  // namespace portfire::faults
