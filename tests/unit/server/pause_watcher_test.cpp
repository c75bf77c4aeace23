#include "server/pause_watcher.hpp"

#include <gtest/gtest.h>

#include <portfire/client.hpp>
#include <portfire/memory.hpp>

#include "unit/server/hooked_storage.hpp"

namespace portfire::server::pause_watcher_test {
namespace {

using namespace std::chrono_literals;

constexpr ServerId server{1, 1};

class PauseWatcherTest : public ::testing::Test {
 protected:
  // Takes the only job, and pauses its queue.
  PauseWatcherTest() {
    lease_.renewed(runtime_->steady_now());
    memory_->coordination().announce({.id = server, .name = "test", .job_names = {"work"}});
    auto result =
        memory_->jobs().claim({.server = server, .token = 1, .queues = {"default"}, .max = 1});
    dispatcher_.push({{result.executions.at(0), nullptr, runtime_->steady_now(), server}});
    client_.pause_queue("default");
  }
  void run() {
    ProcessContext context{
        .storage = *storage_, .runtime = *runtime_, .server = server, .stop = {}, .log = log_};
    watcher_.run_once(context);
  }

  const std::shared_ptr<Storage> memory_ = memory::open();
  const std::shared_ptr<HookedStorage> storage_ = std::make_shared<HookedStorage>(memory_);
  const std::shared_ptr<Runtime> runtime_ = memory_->runtime();
  Client client_{memory_, {.log = silent_sink()}};
  const JobId job_ = client_.enqueue_raw("work", "[]");
  const LogSink log_ = silent_sink();
  Lease lease_{30s};
  Dispatcher dispatcher_{*runtime_, lease_, QueueOrder{{"default"}}, 1};
  PauseWatcher watcher_{dispatcher_, 1s};
};

TEST_F(PauseWatcherTest, GivesBackWhatHasNotBegun) {
  run();
  EXPECT_EQ(dispatcher_.size(), 0U);
  EXPECT_EQ(client_.find(job_)->state, "Enqueued");
}

TEST_F(PauseWatcherTest, WhatSomebodyHoldsIsKeptUntilItCanBeGivenBack) {
  storage_->on_release = [](auto released) -> std::optional<ReleaseResult> {
    return ReleaseResult{.busy = {released.begin(), released.end()}};
  };
  run();
  EXPECT_EQ(dispatcher_.size(), 1U);
  storage_->on_release = nullptr;
  run();
  EXPECT_EQ(dispatcher_.size(), 0U);
  EXPECT_EQ(client_.find(job_)->state, "Enqueued");
}

TEST_F(PauseWatcherTest, AnErrorLosesNothing) {
  storage_->before_release = [] { throw outage(); };
  EXPECT_THROW(run(), StorageError);
  EXPECT_EQ(dispatcher_.size(), 1U);
}

}  // namespace
}  // namespace portfire::server::pause_watcher_test
