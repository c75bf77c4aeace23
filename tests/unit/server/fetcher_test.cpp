#include "server/fetcher.hpp"

#include <atomic>
#include <condition_variable>
#include <optional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/client.hpp>
#include <portfire/memory.hpp>

#include "unit/server/hooked_storage.hpp"

namespace portfire::server {
namespace {

using namespace std::chrono_literals;

TEST(PrefetchFor, IsWhatTheWorkersGetThroughInTwoRoundTrips) {
  EXPECT_EQ(prefetch_for(20, 1000, 1ms, 100us), 400U);
  EXPECT_EQ(prefetch_for(20, 1000, 1ms, 10ms), 4U);
}

TEST(PrefetchFor, LongJobsAreNeverHoarded) {
  EXPECT_EQ(prefetch_for(20, 1000, 1ms, 1s), 0U);
  EXPECT_EQ(prefetch_for(20, 1000, 1ms, 24h), 0U);
}

TEST(PrefetchFor, OfNoOpJobsAsManyAsAllowed) {
  EXPECT_EQ(prefetch_for(20, 1000, 1ms, 0ns), 1000U);
  EXPECT_EQ(prefetch_for(20, 0, 1ms, 0ns), 0U);
}

TEST(PrefetchFor, WithoutExperienceOnePerWorker) {
  EXPECT_EQ(prefetch_for(20, 1000, 1ms, std::nullopt), 20U);
  EXPECT_EQ(prefetch_for(20, 5, 1ms, std::nullopt), 5U);
}

TEST(MeanTimeTest, FollowsSlowlyAndStartsWithTheFirstValue) {
  MeanTime mean;
  EXPECT_EQ(mean.get(), std::nullopt);
  mean.add(16ms);
  EXPECT_EQ(mean.get(), 16ms);
  mean.add(32ms);
  EXPECT_EQ(mean.get(), 17ms);
  mean.add(0ms);
  EXPECT_EQ(mean.get(), 15937500ns);
}

// Started until the end of the test's body: before what its hooks refer to is gone.
class Running {
 public:
  explicit Running(Fetcher& fetcher) : fetcher_{fetcher} { fetcher_.start(); }
  ~Running() { fetcher_.stop(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Fetcher& fetcher_;
};

class FetcherTest : public ::testing::Test {
 protected:
  FetcherTest() {
    lease_.renewed(runtime_->steady_now());
    assume(ServerId{1, 1});
  }
  ~FetcherTest() override { finisher_.stop(SteadyPoint::max()); }

  static Handlers work() {
    Handlers handlers;
    handlers.on("work", [] {});
    return handlers;
  }
  void assume(ServerId server) {
    memory_->coordination().announce({.id = server, .name = "test", .job_names = {"work"}});
    identity_.assume(server);
  }
  // Called by hooks in the fetcher's thread.
  void count(int& events) {
    {
      const std::lock_guard lock{mutex_};
      ++events;
    }
    changed_.notify_all();
  }
  bool until(const std::function<bool()>& condition) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 1min, condition);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::shared_ptr<Storage> memory_ = memory::open();
  const std::shared_ptr<HookedStorage> storage_ = std::make_shared<HookedStorage>(memory_);
  const std::shared_ptr<Runtime> runtime_ = memory_->runtime();
  Client client_{memory_, {.log = silent_sink()}};
  const LogSink log_ = silent_sink();
  Identity identity_;
  Lease lease_{30s};
  IdSource ids_{runtime_};
  const FilterChain filters_;
  const HandlerTable handlers_{work(), filters_};
  const Surroundings surroundings_{*storage_, *runtime_, ids_, filters_, 24h};
  ActiveJobs active_{1};
  const CrashWatch crash_watch_{{}, nullptr, 0};
  const Performer performer_{surroundings_, active_, crash_watch_, {24h, 0s, 1000, false}};
  Dispatcher dispatcher_{*runtime_, lease_, QueueOrder{{"default"}}, 1};
  MeanTime job_time_;
  Finisher finisher_{*storage_, *runtime_, performer_, log_};
  Fetcher fetcher_{*storage_, *runtime_, identity_,
                   lease_,    handlers_, dispatcher_,
                   finisher_, job_time_, {QueueOrder{{"default"}}, 1, 1000, 1h},
                   log_};
};

TEST_F(FetcherTest, HandsItsClaimsToTheWorkers) {
  const JobId id = client_.enqueue_raw("work", "[]");
  const Running running{fetcher_};
  EXPECT_EQ(dispatcher_.next(0)->execution.ref.job, id);
}

TEST_F(FetcherTest, IsWokenByANewJob) {
  int claims = 0;
  storage_->after_claim = [&] { count(claims); };
  const Running running{fetcher_};
  ASSERT_TRUE(until([&] { return claims > 0; }));
  const JobId id = client_.enqueue_raw("work", "[]");
  EXPECT_EQ(dispatcher_.next(0)->execution.ref.job, id);
}

TEST_F(FetcherTest, JobsWithoutAHandlerAreGivenBackHoweverLongThatTakes) {
  const JobId id = client_.enqueue_raw("strange", "[]");
  int releases = 0;
  storage_->before_release = [&] {
    count(releases);
    if (releases == 1) throw outage();
  };
  const Running running{fetcher_};
  EXPECT_TRUE(until([&] { return releases > 1; }));
  fetcher_.stop();
  EXPECT_EQ(client_.find(id)->state, "Enqueued");
  EXPECT_TRUE(client_.find(id)->no_handler);
}

TEST_F(FetcherTest, WhatSomebodyHoldsIsGivenBackLaterAndClaimsGoOn) {
  const JobId strange = client_.enqueue_raw("strange", "[]");
  std::atomic<bool> is_held = true;
  int refused = 0;
  int released = 0;
  storage_->on_release = [&](auto executions) -> std::optional<ReleaseResult> {
    count(is_held ? refused : released);
    if (released > 0) return std::nullopt;
    return ReleaseResult{.busy = {executions.begin(), executions.end()}};
  };
  const Running running{fetcher_};
  ASSERT_TRUE(until([&] { return refused > 0; }));
  const JobId id = client_.enqueue_raw("work", "[]");
  EXPECT_EQ(dispatcher_.next(0)->execution.ref.job, id);
  is_held = false;
  ASSERT_TRUE(until([&] { return released > 0; }));
  fetcher_.stop();
  EXPECT_EQ(client_.find(strange)->state, "Enqueued");
}

TEST_F(FetcherTest, WhatWasClaimedUnderALostIdentityIsDropped) {
  client_.enqueue_raw("work", "[]");
  int claims = 0;
  storage_->after_claim = [&] {
    if (claims == 0) identity_.assume(ServerId{2, 2});  // the lease keeper, meanwhile
    count(claims);
  };
  const Running running{fetcher_};
  EXPECT_TRUE(until([&] { return claims > 1; }));
  fetcher_.stop();
  EXPECT_EQ(dispatcher_.size(), 0U);
}

TEST_F(FetcherTest, ClaimsNothingWithoutALease) {
  lease_.renewed(runtime_->steady_now() - 30s);
  client_.enqueue_raw("work", "[]");
  int claims = 0;
  storage_->after_claim = [&] { count(claims); };
  const Running running{fetcher_};
  fetcher_.stop();
  EXPECT_EQ(claims, 0);
}

// The only worker never asks for a job: what waits for it goes back, and is not claimed again.
TEST_F(FetcherTest, JobsThatDoNotBeginGoBackAndAreNotClaimedInACircle) {
  job_time_.add(0s);
  const JobId id = client_.enqueue_raw("work", "[]");
  int claims = 0;
  int releases = 0;
  storage_->after_claim = [&] { count(claims); };
  storage_->before_release = [&] { count(releases); };
  const Running running{fetcher_};
  ASSERT_TRUE(until([&] { return releases == 1; }));
  // A new job wakes the fetcher; it holds back until the worker asks.
  client_.enqueue_raw("work", "[]");
  fetcher_.look_again();
  {
    const std::lock_guard lock{mutex_};
    EXPECT_EQ(claims, 1);
  }
  EXPECT_EQ(dispatcher_.next(0)->execution.ref.job, id);
}

// A rest begins a moment after the claim that found nothing, so it takes a few jobs until one comes
// into it.
class RestingFetcherTest : public FetcherTest {
 protected:
  RestingFetcherTest() { dispatcher_.notify_when_idle(*idle_); }

  // Enqueues jobs for an idle worker until `done`; each must reach it.
  void enqueue_until(const std::function<bool()>& done) {
    for (int i = 0; i < 1000 && !done(); ++i) {
      std::optional<Claimed> got;
      std::thread worker{[&] {
        worker_ = std::this_thread::get_id();
        got = dispatcher_.next(0);
      }};
      while (!dispatcher_.all_idle()) idle_->wait({});
      const JobId id = client_.enqueue_raw("work", "[]");
      worker.join();
      ASSERT_TRUE(got);
      EXPECT_EQ(got->execution.ref.job, id);
    }
    EXPECT_TRUE(done());
  }
  [[nodiscard]] bool is_worker() const { return std::this_thread::get_id() == worker_; }

  const std::unique_ptr<Event> idle_ = runtime_->make_event();
  std::atomic<std::thread::id> worker_;
};

TEST_F(RestingFetcherTest, LeavesClaimsToTheIdleWorkerThatRunsTheJob) {
  std::atomic<bool> worker_has_claimed = false;
  storage_->after_claim = [&] {
    if (is_worker()) worker_has_claimed = true;
  };
  const Running running{fetcher_};
  enqueue_until([&] { return worker_has_claimed.load(); });
}

TEST_F(RestingFetcherTest, TriesAgainItselfWhatAWorkerCouldNotClaim) {
  std::atomic<bool> failed = false;
  storage_->after_claim = [&] {
    if (failed || !is_worker()) return;
    failed = true;
    throw outage();
  };
  const Running running{fetcher_};
  enqueue_until([&] { return failed.load(); });
}

TEST_F(RestingFetcherTest, AStopWaitsForTheWorkerThatClaims) {
  std::atomic<bool> worker_has_claimed = false;
  std::atomic<bool> is_claiming = false;
  const auto stops = runtime_->make_event();
  std::thread stopper;
  storage_->after_claim = [&] {
    if (!is_worker() || worker_has_claimed) return;
    is_claiming = true;
    stopper = std::thread{[&] {
      stops->set();
      fetcher_.stop();
      EXPECT_FALSE(is_claiming);
    }};
    stops->wait({});
    worker_has_claimed = true;
    is_claiming = false;
  };
  const Running running{fetcher_};
  enqueue_until([&] { return worker_has_claimed.load(); });
  stopper.join();
}

}  // namespace
}  // namespace portfire::server
