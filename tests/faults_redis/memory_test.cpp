// Servers of Redis whose memory is full, and those that would throw something away then.

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>
#include <thread>

#include "faults_redis/faults.hpp"

namespace portfire::faults {
namespace {

using ::testing::AllOf;
using testing::ending;
using ::testing::HasSubstr;
using testing::JobBuilder;
using testing::moving;
using testing::UnitBuilder;

constexpr Job<void(std::size_t)> other_work{"other"};

class FullMemory : public ::testing::Test {
 protected:
  ~FullMemory() override { empty(); }

  // Nothing more fits in.
  void fill() const { limit(1); }
  void empty() const { limit(0); }
  void limit(std::size_t bytes) const {
    server_.execute({"CONFIG", "SET", "maxmemory", std::to_string(bytes)});
  }
  [[nodiscard]] std::size_t used() const {
    const std::string info = server_.execute({"INFO", "memory"});
    return std::stoul(info.substr(info.find("used_memory:") + std::string{"used_memory:"}.size()));
  }
  // The same for the same data.
  [[nodiscard]] std::string digest() const { return server_.execute({"DEBUG", "DIGEST"}); }

  UnitBuilder unit() { return UnitBuilder{ids_.next<UnitId>()}; }
  JobBuilder job() { return {ids_.next<JobId>(), "work"}; }

  PrivateRedis server_;
  const Installation installation_{server_};
  const std::shared_ptr<Storage> storage_ = installation_.open();
  testing::TestIds ids_;
};

TEST_F(FullMemory, WhatBringsNewJobsIsNotDoneAtAllAndSaysSo) {
  commit(*storage_, creation(ids_));
  const JobBuilder parent = job();
  const std::vector<Unit> one{creation(ids_)};
  const std::vector<Unit> family{
      unit().create(parent).create(job().after(parent.id())).create(job().unique("key"))};
  std::vector<Unit> many;
  for (int i = 0; i < 1500; ++i) many.push_back(creation(ids_));
  const std::string before = digest();
  fill();
  for (const std::vector<Unit>& units : {one, family, many}) {
    EXPECT_THAT(complaint([&] { storage_->jobs().commit(units); }),
                AllOf(HasSubstr("for later"), HasSubstr("memory is full; raise maxmemory")));
    EXPECT_EQ(digest(), before);
  }
  empty();
  for (const std::vector<Unit>& units : {one, family, many}) {
    for (const CommitResult& result : storage_->jobs().commit(units)) EXPECT_TRUE(result.done());
  }
  EXPECT_EQ(installation_.keys("j"), 1U + one.size() + 3 + many.size());
}

// It fills up in the midst of what somebody enqueues.
TEST_F(FullMemory, WhatWasEnqueuedBeforeIsThereAndNothingElse) {
  Client client{storage_, {.resends = 0, .log = silent_sink()}};
  limit(used() + 400'000);
  std::vector<JobId> ids;
  const std::string said = complaint([&] {
    while (true) ids.push_back(client.enqueue(other_work, ids.size()));
  });
  EXPECT_THAT(said, HasSubstr("memory is full"));
  EXPECT_GT(ids.size(), 10U);
  for (const JobId id : ids) EXPECT_TRUE(client.find(id));
  EXPECT_EQ(installation_.keys("j"), ids.size());
  EXPECT_EQ(ever(*storage_, "Created"), ids.size());
}

TEST_F(FullMemory, EverythingButNewJobsGoesOn) {
  constexpr std::size_t jobs = 100;
  Client client{storage_, {.resends = 0, .log = silent_sink()}};
  const auto enqueue = [&] { return client.enqueue(other_work, std::size_t{0}); };
  Drain drain{installation_.open(), storage_, jobs};
  drain.hold_from(20);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  fill();
  EXPECT_THAT(complaint(enqueue), HasSubstr("memory is full"));
  // Its heart beats for longer than the lease, while jobs are running.
  const auto beat = [&] {
    const auto servers = storage_->coordination().heartbeat(ServerId{}).servers;
    return servers.empty() ? 0 : servers.front().number;
  };
  const std::uint64_t before = beat();
  ASSERT_GT(before, 0U);
  while (beat() < before + 9) std::this_thread::yield();
  drain.release();
  drain.expect_each_done_once();
  EXPECT_THAT(complaint(enqueue), HasSubstr("memory is full"));
  empty();
  EXPECT_EQ(complaint(enqueue), "no complaint");
}

TEST_F(FullMemory, WhatServersDoIsDone) {
  const JobBuilder parent = job();
  const JobBuilder child = job().after(parent.id());
  const JobBuilder due = job().scheduled(Duration::zero());
  commit(*storage_, unit().create(parent).create(child).create(due));
  fill();
  const auto server = ids_.next<ServerId>();
  const auto dead = ids_.next<ServerId>();
  Coordination& coordination = storage_->coordination();
  coordination.announce({.id = dead, .name = "dead", .job_names = {"work"}, .lease = 1h});
  coordination.announce({.id = server, .name = "test", .job_names = {"work"}, .lease = 1h});
  EXPECT_TRUE(coordination.heartbeat(server).known);
  JobStore& store = storage_->jobs();
  EXPECT_EQ(store.promote({}).promoted, 1U);
  ASSERT_EQ(store.claim({dead, 1, {"default"}, 1}).executions.size(), 1U);
  EXPECT_EQ(store.reclaim({.servers = {dead}, .by = server}).requeued, 1U);
  const auto taken = store.claim({server, 1, {"default"}, 2}).executions;
  ASSERT_EQ(taken.size(), 2U);
  const ExecutionRef first = taken[0].ref;
  store.report(std::vector{Report{.execution = first, .lines = {{.text = "line", .number = 1}}}});
  EXPECT_TRUE(store.set_parameters(first.job, {{"name", "1"}}));
  const std::vector<Released> released{{taken[1].ref, ReleaseReason::unstarted}};
  EXPECT_EQ(store.release(released).released, 1U);
  State gone = states::succeeded();
  gone.retention = Duration::zero();
  EXPECT_TRUE(commit(*storage_, unit().move(ending(taken[0], gone))).done());
  EXPECT_EQ(store.expire(10).removed, 1U);
  EXPECT_TRUE(commit(*storage_, unit().move(moving(child.id(), states::deleted()))).done());
  const auto lock = coordination.acquire_lock("lock", "me", 1h);
  ASSERT_TRUE(lock);
  coordination.release_lock(*lock);
  EXPECT_TRUE(coordination.set_queue({.name = "default", .paused = true}));
  coordination.remove(server);
  EXPECT_FALSE(coordination.heartbeat(server).known);
}

class Eviction : public ::testing::Test {
 protected:
  const PrivateRedis server_{{.settings = {{"maxmemory-policy", "allkeys-lru"}}}};
};

TEST_F(Eviction, IsRefusedWhereNothingElseIsSaid) {
  EXPECT_THAT(complaint([&] { static_cast<void>(redis::open(server_.url())); }),
              AllOf(HasSubstr("for good"), HasSubstr("maxmemory-policy is allkeys-lru"),
                    HasSubstr("set `maxmemory-policy noeviction`"), HasSubstr("eviction=warn")));
  EXPECT_EQ(server_.execute({"DBSIZE"}), "0");
}

TEST_F(Eviction, IsToldOfInTheLogWhereItIsAccepted) {
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
  testing::TestIds ids;
  for (const bool in_url : {false, true}) {
    log.str("");
    const auto storage = in_url ? redis::open(server_.url() + "&eviction=warn")
                                : redis::open(server_.url(), {.eviction = redis::Eviction::warn});
    EXPECT_THAT(log.str(),
                AllOf(HasSubstr("warning"), HasSubstr("maxmemory-policy is allkeys-lru")));
    EXPECT_TRUE(commit(*storage, creation(ids)).done());
  }
  spdlog::set_default_logger(before);
}

}  // namespace
}  // namespace portfire::faults
