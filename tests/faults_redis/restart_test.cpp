// Servers of Redis that end and start again, on what they have appended to their file.

#include <atomic>
#include <ostream>
#include <set>
#include <thread>

#include "faults_redis/faults.hpp"

namespace portfire::faults {
namespace {

constexpr Job<void(std::size_t)> work{"work"};

struct End {
  const char* name;
  void (PrivateRedis::*of)();

  friend void PrintTo(const End& end, std::ostream* out) { *out << end.name; }
};

class Restart : public ::testing::TestWithParam<End> {};

TEST_P(Restart, AServerGoesOnAndStoresWhatEndedMeanwhile) {
  constexpr std::size_t before = 30;
  const Installation installation;
  Drain drain{installation.open(), installation.open(), 80};
  drain.hold_from(before);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  PrivateRedis& redis = installation.server();
  (redis.*GetParam().of)();
  drain.release();
  ASSERT_TRUE(drain.wait_for_ends(before + Drain::workers));
  redis.start();
  drain.expect_each_done_once();
}

TEST_P(Restart, AServerGoesOnThroughManyOfThem) {
  constexpr std::size_t jobs = 400;
  const Installation installation;
  Drain drain{installation.open(), installation.open(), jobs};
  drain.start();
  PrivateRedis& redis = installation.server();
  for (std::size_t ends = 50; ends < jobs; ends += 50) {
    ASSERT_TRUE(drain.wait_for_ends(ends));
    (redis.*GetParam().of)();
    redis.start();
  }
  drain.expect_each_done_once();
}

INSTANTIATE_TEST_SUITE_P(After, Restart,
                         ::testing::Values(End{"Stop", &PrivateRedis::stop},
                                           End{"Kill", &PrivateRedis::kill}),
                         [](const auto& one) { return std::string{one.param.name}; });

// Enqueues numbered jobs for as long as it lives, and remembers what it was promised.
class Producer {
 public:
  explicit Producer(const std::string& url)
      : client_{redis::open(url, {.listen = false}), {.resends = 0, .log = silent_sink()}},
        thread_{[this] { run(); }} {}
  ~Producer() { stop(); }
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  [[nodiscard]] bool wait_for_promises(std::size_t count) { return promises_.wait_for(count); }
  [[nodiscard]] bool wait_for_refusals(std::size_t count) { return refusals_.wait_for(count); }
  [[nodiscard]] std::size_t promises() const { return promises_.count(); }
  [[nodiscard]] std::size_t refusals() const { return refusals_.count(); }
  // The jobs of which `enqueue` has returned, by number.
  std::vector<std::pair<JobId, std::size_t>> stop() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
    return promised_;
  }

 private:
  void run() {
    for (std::size_t number = 0; !over_; ++number) {
      try {
        promised_.emplace_back(client_.enqueue(work, number), number);
        promises_.add();
      } catch (const StorageError&) {
        refusals_.add();
      }
    }
  }

  Client client_;
  std::atomic<bool> over_{false};
  std::vector<std::pair<JobId, std::size_t>> promised_;  // by the thread, until it has ended
  Progress promises_;
  Progress refusals_;
  std::thread thread_;
};

TEST(Kill, WhateverWasEnqueuedIsThereAndIsRunOnce) {
  const Installation installation;
  Producer producer{installation.url()};
  PrivateRedis& redis = installation.server();
  for (int kills = 0; kills < 4; ++kills) {
    ASSERT_TRUE(producer.wait_for_promises(producer.promises() + 50));
    redis.kill();
    ASSERT_TRUE(producer.wait_for_refusals(producer.refusals() + 1));
    redis.start();
  }
  ASSERT_TRUE(producer.wait_for_promises(producer.promises() + 50));
  const auto promised = producer.stop();

  const auto storage = installation.open();
  Client client{storage, {.log = silent_sink()}};
  for (const auto& [id, number] : promised) {
    EXPECT_TRUE(client.find(id)) << "job " << number << " is lost";
  }
  std::mutex mutex;
  std::multiset<std::size_t> runs;  // guarded by mutex
  Handlers handlers;
  handlers.on(work, [&](std::size_t number) {
    const std::scoped_lock guard{mutex};
    runs.insert(number);
  });
  Server server{storage, handlers, {.workers = 2, .log = silent_sink()}};
  server.start();
  for (const auto& [id, number] : promised) EXPECT_TRUE(client.wait(id, 1min).ended) << number;
  server.stop();
  for (const auto& [id, number] : promised) EXPECT_EQ(runs.count(number), 1U) << number;
  EXPECT_EQ(ever(*storage, "Succeeded"), ever(*storage, "Created"));
}

TEST(Scripts, AServerGoesOnWhenTheyAreForgottenAgainAndAgain) {
  constexpr std::size_t jobs = 400;
  const Installation installation;
  Drain drain{installation.open(), installation.open(), jobs};
  drain.start();
  for (std::size_t ends = 5; ends < jobs; ends += 5) {
    ASSERT_TRUE(drain.wait_for_ends(ends));
    installation.server().execute({"SCRIPT", "FLUSH", "SYNC"});
  }
  drain.expect_each_done_once();
}

}  // namespace
}  // namespace portfire::faults
