// A whole server whose storage is away for long, on a clock that the test moves.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/client.hpp>
#include <portfire/error.hpp>
#include <portfire/memory.hpp>
#include <portfire/server.hpp>
#include <portfire/testing/faulty_storage.hpp>
#include <portfire/testing/virtual_clock.hpp>

namespace portfire::server {
namespace {

using namespace std::chrono_literals;

constexpr Job<void(int)> work{"work"};
constexpr Duration back_off_cap = 5min;

// How often each activity has said that it fails, and that it works again.
class Complaints {
 public:
  struct Count {
    int failing = 0;
    int recovered = 0;
  };

  LogSink sink() {
    return [this](LogLevel, std::string_view line) {
      const std::lock_guard lock{mutex_};
      for (const char* said : {" failed and will be tried again", " still fails"}) {
        const auto at = line.find(said);
        if (at != std::string_view::npos) ++counts_[std::string{line.substr(0, at)}].failing;
      }
      const auto at = line.find(" works again");
      if (at != std::string_view::npos) ++counts_[std::string{line.substr(0, at)}].recovered;
      ++lines_;
    };
  }
  std::map<std::string, Count> counts() {
    const std::lock_guard lock{mutex_};
    return counts_;
  }
  int lines() {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Count> counts_;
  int lines_ = 0;
};

class OutageTest : public ::testing::Test {
 protected:
  // In steps that give the server some chance to take notice of each.
  void pass(Duration span) {
    constexpr int patience = 2000;
    for (Duration passed{}; passed < span; passed += 1s) {
      const std::uint64_t before = storage_->verbs();
      clock_->advance(1s);
      for (int i = 0; i < patience && storage_->verbs() == before; ++i) std::this_thread::yield();
    }
  }
  // Until it is so, or the longest pause between two attempts is over. A slow machine has the time
  // that it needs before the clock goes on.
  bool in_time(const std::function<bool()>& is_so) {
    constexpr std::chrono::seconds patience{1};
    for (Duration passed{}; passed < back_off_cap; passed += 5s) {
      clock_->advance(5s);
      const auto give_up = std::chrono::steady_clock::now() + patience;
      while (std::chrono::steady_clock::now() < give_up) {
        if (is_so()) return true;
        std::this_thread::yield();
      }
    }
    return false;
  }

  const std::shared_ptr<testing::VirtualClock> clock_ = std::make_shared<testing::VirtualClock>();
  const std::shared_ptr<Storage> memory_ = memory::open({.runtime = clock_});
  const std::shared_ptr<testing::FaultyStorage> storage_ =
      std::make_shared<testing::FaultyStorage>(memory_);
  Client client_{storage_, {.resends = 0, .log = silent_sink()}};
  Complaints complaints_;
};

TEST_F(OutageTest, TenMinutesUnderLoadFloodNoLogAndAreMadeUpForAtOnce) {
  constexpr int jobs = 300;
  std::atomic<int> done{0};
  Handlers handlers;
  handlers.on(work, [&](int) { ++done; });
  Server server{storage_, handlers, {.workers = 4, .lease = 30s, .log = complaints_.sink()}};
  server.start();
  for (int i = 0; i < jobs; ++i) client_.enqueue(work, i);

  storage_->go_down();
  EXPECT_THROW(client_.enqueue(work, jobs), StorageError);
  pass(10min);
  const auto during = complaints_.counts();
  EXPECT_TRUE(during.contains("the heartbeat"));
  for (const auto& [activity, count] : during) {
    EXPECT_LE(count.failing, 11) << activity << ": once, and then once a minute";
    EXPECT_EQ(count.recovered, 0) << activity;
  }

  storage_->come_up();
  EXPECT_TRUE(in_time([&] {
    const auto lifetime = memory_->monitoring().statistics().lifetime;
    const auto found = lifetime.find("Succeeded");
    return found != lifetime.end() && found->second == jobs;
  }));
  EXPECT_GE(done.load(), jobs);
  const auto all_recovered = [&] {
    return std::ranges::all_of(complaints_.counts(),
                               [](const auto& item) { return item.second.recovered == 1; });
  };
  EXPECT_TRUE(all_recovered() || in_time(all_recovered));
  const int lines = complaints_.lines();
  pass(2min);
  EXPECT_EQ(complaints_.lines(), lines) << "nothing to say when all is well";
}

}  // namespace
}  // namespace portfire::server
