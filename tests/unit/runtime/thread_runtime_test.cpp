// The events of real threads: who ends a wait, and what counts when several things do.

#include <stop_token>
#include <thread>

#include <gtest/gtest.h>

#include <portfire/runtime.hpp>

namespace portfire {
namespace {

using namespace std::chrono_literals;

class ThreadEventTest : public ::testing::Test {
 protected:
  [[nodiscard]] SteadyPoint soon() const { return runtime_->steady_now() + 1ms; }
  [[nodiscard]] SteadyPoint much_later() const { return runtime_->steady_now() + 24h; }

  const std::shared_ptr<Runtime> runtime_ = thread_runtime();
  const std::unique_ptr<Event> event_ = runtime_->make_event();
  std::stop_source stop_;
};

TEST_F(ThreadEventTest, SetsBeforeAWaitCountAsOne) {
  event_->set();
  event_->set();
  EXPECT_TRUE(event_->wait({}));
  EXPECT_FALSE(event_->wait_until(SteadyPoint{}, {}));
}

TEST_F(ThreadEventTest, ASetEndsEveryKindOfWait) {
  const auto answer = runtime_->make_event();
  std::thread other{[&] {
    EXPECT_TRUE(event_->wait({}));
    answer->set();
    EXPECT_TRUE(event_->wait(stop_.get_token()));
    answer->set();
    EXPECT_TRUE(event_->wait_until(much_later(), stop_.get_token()));
    answer->set();
  }};
  for (int round = 0; round < 3; ++round) {
    event_->set();
    EXPECT_TRUE(answer->wait({}));
  }
  other.join();
}

TEST_F(ThreadEventTest, ADeadlineEndsTheWait) {
  EXPECT_FALSE(event_->wait_until(soon(), {}));
  EXPECT_FALSE(event_->wait_until(soon(), stop_.get_token()));
}

TEST_F(ThreadEventTest, AStopEndsTheWaitWithOrWithoutDeadline) {
  std::thread without{[&] { EXPECT_FALSE(event_->wait(stop_.get_token())); }};
  const auto second = runtime_->make_event();
  std::thread with{[&] { EXPECT_FALSE(second->wait_until(much_later(), stop_.get_token())); }};
  stop_.request_stop();
  without.join();
  with.join();
}

TEST_F(ThreadEventTest, ASetWinsOverStopAndDeadline) {
  stop_.request_stop();
  event_->set();
  EXPECT_TRUE(event_->wait_until(SteadyPoint{}, stop_.get_token()));
  EXPECT_FALSE(event_->wait(stop_.get_token()));
}

}  // namespace
}  // namespace portfire
