#include "storage/common/listening_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>

#include <portfire/testing/virtual_clock.hpp>

namespace portfire {
namespace {

using namespace std::chrono_literals;

// Long enough for any machine: a test that reaches it fails.
constexpr auto patience = 20s;

class ListeningThreadTest : public ::testing::Test {
 protected:
  ~ListeningThreadTest() override { stop(); }

  // `listen` is told which connection it is, from 1.
  void start(std::function<void(int)> listen, Duration poll_interval = 1h) {
    thread_ = std::make_unique<ListeningThread>(*runtime_, hub_, poll_interval);
    thread_->start(
        {.listen = [this, listen] { listen(++connections_); }, .forget = [this] { ++forgotten_; }});
  }
  void stop() {
    if (!thread_) return;
    thread_->stop([this] {
      if (!is_interrupted_.exchange(true)) interrupted_.set_value();
    });
    thread_.reset();
  }

  // As a connection does that has nothing to tell.
  void listen_until_interrupted() {
    interruption_.wait();
    EXPECT_TRUE(thread_->is_stopping());
  }
  bool hears() { return ear_->wait_until(runtime_->steady_now() + patience, {}); }

  const std::shared_ptr<Runtime> runtime_ = thread_runtime();
  WakeupHub hub_{runtime_};
  const std::unique_ptr<Subscription> ear_ = hub_.subscribe({"due"});
  std::atomic<int> connections_{0};
  std::atomic<int> forgotten_{0};
  std::unique_ptr<ListeningThread> thread_;

 private:
  std::atomic<bool> is_interrupted_{false};
  std::promise<void> interrupted_;
  const std::shared_future<void> interruption_ = interrupted_.get_future().share();
};

TEST_F(ListeningThreadTest, WhoWaitsIsWokenWhenThereIsAConnection) {
  std::promise<void> may_connect;
  start([&](int) {
    may_connect.get_future().wait();
    thread_->connected();
    listen_until_interrupted();
  });
  EXPECT_FALSE(ear_->wait_until(runtime_->steady_now(), {}));
  EXPECT_FALSE(thread_->is_listening());
  may_connect.set_value();
  EXPECT_TRUE(hears());
  EXPECT_TRUE(thread_->is_listening());
}

TEST_F(ListeningThreadTest, WhileThereIsNoConnectionEverybodyLooks) {
  start([](int) { throw std::runtime_error{"nobody there"}; }, 1ms);
  for (int time = 0; time < 5; ++time) EXPECT_TRUE(hears());
  EXPECT_FALSE(thread_->is_listening());
}

TEST_F(ListeningThreadTest, AConnectionThatEndsIsForgottenAndReplaced) {
  std::promise<void> replaced;
  int forgotten_before = 0;
  start([&](int connection) {
    if (connection == 1) throw std::runtime_error{"nobody there"};
    thread_->connected();
    if (connection == 2) return;
    forgotten_before = forgotten_;
    replaced.set_value();
    listen_until_interrupted();
  });
  replaced.get_future().wait();
  EXPECT_EQ(forgotten_before, 2);
  EXPECT_TRUE(thread_->is_listening());
}

TEST(ListeningThreadEndTest, WhoStopsItWaitsForNoPause) {
  const auto clock = std::make_shared<testing::VirtualClock>();  // no pause ends by itself
  WakeupHub hub{clock};
  ListeningThread thread{*clock, hub, 1h};
  std::promise<void> reached;
  int connections = 0;
  int interruptions = 0;
  thread.start({.listen =
                    [&] {
                      if (++connections == 1) reached.set_value();
                    },
                .forget = [] {}});
  reached.get_future().wait();
  thread.stop([&] { ++interruptions; });
  EXPECT_EQ(connections, 1);
  EXPECT_EQ(interruptions, 1);
}

}  // namespace
}  // namespace portfire
