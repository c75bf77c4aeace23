#include "server/process_runner.hpp"

#include <condition_variable>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/memory.hpp>
#include <portfire/testing/virtual_clock.hpp>

namespace portfire::server {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

// Counts its steps and does in each what the test says.
class Steps final : public BackgroundProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "steps"; }
  [[nodiscard]] std::vector<std::string> topics(ServerId server) const override {
    return {topics::server(server)};
  }
  Duration run_once(ProcessContext& context) override {
    int number = 0;
    {
      const std::lock_guard lock{mutex_};
      number = ++count_;
      last_server_ = context.server;
      at_.push_back(context.runtime.steady_now());
    }
    changed_.notify_all();
    return step ? step(number, context) : 1h;
  }

  bool until(int count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 1min, [&] { return count_ >= count; });
  }
  int count() {
    const std::lock_guard lock{mutex_};
    return count_;
  }
  ServerId last_server() {
    const std::lock_guard lock{mutex_};
    return last_server_;
  }
  std::vector<SteadyPoint> at() {
    const std::lock_guard lock{mutex_};
    return at_;
  }

  std::function<Duration(int, ProcessContext&)> step;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
  ServerId last_server_;
  std::vector<SteadyPoint> at_;
};

class ProcessRunnerTest : public ::testing::Test {
 protected:
  ProcessRunnerTest() { identity_.assume(ServerId{1, 1}); }
  // Moves the clock until the step has been called that often.
  void advance_until(int count, Duration by = 250ms) {
    while (steps_->count() < count) {
      clock_->advance(by);
      std::this_thread::yield();
    }
  }
  // By little: far less than the hour for which the step would wait without news.
  void expect_soon(int count) {
    advance_until(count, 1ms);
    const auto at = steps_->at();
    EXPECT_LT(at.back() - at[at.size() - 2], 1h);
  }

  const std::shared_ptr<testing::VirtualClock> clock_ = std::make_shared<testing::VirtualClock>();
  const std::shared_ptr<Storage> storage_ = memory::open({.runtime = clock_});
  const std::shared_ptr<Steps> steps_ = std::make_shared<Steps>();
  std::vector<std::string> lines_;  // by the runner's task alone, until it has been joined
  const LogSink log_ = [this](LogLevel, std::string_view line) { lines_.emplace_back(line); };
  Identity identity_;
  ProcessRunner runner_{steps_, *storage_, *clock_, identity_, log_};
};

TEST_F(ProcessRunnerTest, CallsTheStepAgainAfterTheTimeThatItAskedFor) {
  steps_->step = [](int, ProcessContext&) { return 10s; };
  runner_.start();
  advance_until(3);
  runner_.request_stop();
  runner_.join();
  const auto at = steps_->at();
  EXPECT_GE(at[1] - at[0], 10s);
  EXPECT_GE(at[2] - at[1], 10s);
}

TEST_F(ProcessRunnerTest, NewsOnItsTopicsEndTheWait) {
  runner_.start();
  ASSERT_TRUE(steps_->until(1));
  const std::string topic = topics::server(ServerId{1, 1});
  storage_->wakeup().notify({&topic, 1});
  expect_soon(2);
}

TEST_F(ProcessRunnerTest, AfterAChangeOfIdentityItListensUnderTheNewOne) {
  runner_.start();
  ASSERT_TRUE(steps_->until(1));
  identity_.assume(ServerId{2, 2});
  runner_.look_again();
  expect_soon(2);
  EXPECT_EQ(steps_->last_server(), (ServerId{2, 2}));
  const std::string topic = topics::server(ServerId{2, 2});
  storage_->wakeup().notify({&topic, 1});
  expect_soon(3);
}

TEST_F(ProcessRunnerTest, ExceptionsAreSurvivedWithAGrowingPause) {
  steps_->step = [](int number, ProcessContext&) -> Duration {
    if (number == 2) throw 7;
    if (number < 4) throw std::runtime_error{"boom"};
    return 1h;
  };
  runner_.start();
  advance_until(4);
  runner_.request_stop();
  runner_.join();
  const auto at = steps_->at();
  EXPECT_GE(at[1] - at[0], 1s);
  EXPECT_GE(at[2] - at[1], 4s);
  EXPECT_GE(at[3] - at[2], 9s);
  // In between one line a minute, and how fast the clock runs here nobody knows.
  ASSERT_GE(lines_.size(), 2U);
  EXPECT_THAT(lines_.front(), HasSubstr("failed and will be tried again: boom"));
  EXPECT_THAT(lines_.back(), HasSubstr("works again"));
}

TEST_F(ProcessRunnerTest, AStopEndsTheWaitAndIsSeenByTheStep) {
  std::atomic<bool> stopped{false};
  steps_->step = [&](int, ProcessContext& context) {
    const auto event = context.runtime.make_event();
    event->wait(context.stop);
    stopped = context.stop.stop_requested();
    return 1h;
  };
  runner_.start();
  ASSERT_TRUE(steps_->until(1));
  runner_.request_stop();
  runner_.join();
  EXPECT_TRUE(stopped.load());
  EXPECT_EQ(steps_->count(), 1);
}

}  // namespace
}  // namespace portfire::server
