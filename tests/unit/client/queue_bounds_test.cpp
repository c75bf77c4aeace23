#include <future>
#include <memory>
#include <semaphore>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/batch.hpp>
#include <portfire/client.hpp>
#include <portfire/memory.hpp>
#include <portfire/testing/virtual_clock.hpp>

namespace portfire::queue_bounds_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Status = Creation::Status;
using WhenFull = QueueBound::WhenFull;

constexpr Job<void(int)> work{"work"};

// Tells when somebody is about to wait.
class WatchedClock final : public testing::VirtualClock {
 public:
  std::unique_ptr<Event> make_event() override {
    waits_.release();
    return VirtualClock::make_event();
  }
  void wait_for_waiting() { waits_.acquire(); }
  void forget() {
    while (waits_.try_acquire()) continue;
  }

 private:
  std::counting_semaphore<> waits_{0};
};

class QueueBoundsTest : public ::testing::Test {
 protected:
  Client bounded(const QueueBound& bound) {
    return Client{storage_, {.queue_bounds = {{"default", bound}}, .log = silent_sink()}};
  }
  // The clock goes on until the call is over.
  Creation while_time_passes(std::future<Creation> call) {
    while (call.wait_for(0s) != std::future_status::ready) {
      clock_->advance(100ms);
      std::this_thread::yield();
    }
    return call.get();
  }
  std::uint64_t stored() { return storage_->monitoring().statistics().lifetime["Created"]; }

  const std::shared_ptr<WatchedClock> clock_ = std::make_shared<WatchedClock>();
  const std::shared_ptr<Storage> storage_ = memory::open({.runtime = clock_});
  Client unbounded_{storage_, {.log = silent_sink()}};
};

TEST_F(QueueBoundsTest, AFullQueueRejects) {
  Client client = bounded({.longest = 2});
  EXPECT_TRUE(client.enqueue(work, 1).created());
  const Creation second = client.enqueue(work, 2);
  EXPECT_TRUE(second.created());
  const Creation refused = client.enqueue(work, 3);
  EXPECT_EQ(refused.status, Status::full);
  EXPECT_FALSE(static_cast<JobId>(refused));
  EXPECT_EQ(refused.reason, "queue \"default\" has reached its bound of 2 ready jobs");
  EXPECT_EQ(stored(), 2U);

  EXPECT_TRUE(client.with({.queue = "other"}).enqueue(work, 4).created());
  EXPECT_TRUE(client.schedule(work, 1h, 5).created());
  EXPECT_TRUE(client.continue_with(work, second, 6).created());
}

TEST_F(QueueBoundsTest, WhatOthersAddAndTakeIsSeen) {
  Client client = bounded({.longest = 2});
  const JobId first = client.enqueue(work, 1);
  unbounded_.enqueue(work, 2);
  clock_->advance(1s);
  EXPECT_EQ(client.enqueue(work, 3).status, Status::full);
  unbounded_.delete_job(first);
  EXPECT_EQ(client.enqueue(work, 3).status, Status::full) << "looked again at once";
  clock_->advance(100ms);
  EXPECT_TRUE(client.enqueue(work, 3).created());
}

TEST_F(QueueBoundsTest, ABlockedCallGoesOnWhenThereIsRoom) {
  Client client = bounded({.longest = 1, .when_full = WhenFull::block, .patience = 24h});
  const JobId first = client.enqueue(work, 1);
  clock_->forget();
  auto blocked = std::async(std::launch::async, [&] { return client.enqueue(work, 2); });
  // It makes its event once it has found no room.
  clock_->wait_for_waiting();
  clock_->advance(1s);
  EXPECT_EQ(blocked.wait_for(0s), std::future_status::timeout);
  EXPECT_EQ(stored(), 1U);
  unbounded_.delete_job(first);
  EXPECT_TRUE(while_time_passes(std::move(blocked)).created());
}

TEST_F(QueueBoundsTest, ABlockedCallLosesItsPatience) {
  Client client = bounded({.longest = 1, .when_full = WhenFull::block, .patience = 5s});
  client.enqueue(work, 1);
  const SteadyPoint begin = clock_->steady_now();
  const Creation refused =
      while_time_passes(std::async(std::launch::async, [&] { return client.enqueue(work, 2); }));
  EXPECT_EQ(refused.status, Status::full);
  EXPECT_GE(clock_->steady_now() - begin, 5s);
  EXPECT_EQ(stored(), 1U);
}

TEST_F(QueueBoundsTest, ManyAreRefusedTogetherOrEachByItself) {
  Client client = bounded({.longest = 1});
  client.enqueue(work, 0);
  const std::vector<std::tuple<int>> calls{{1}, {2}};
  const auto to_two_queues = [](const std::tuple<int>& call) {
    return CallOptions{.queue = std::get<0>(call) == 1 ? "default" : "other"};
  };
  auto together = client.enqueue_all(work, calls, to_two_queues);
  EXPECT_EQ(together.at(0).status, Status::full);
  EXPECT_EQ(together.at(1).status, Status::full);
  auto each = client.enqueue_all(work, calls, to_two_queues, Bulk::each);
  EXPECT_EQ(each.at(0).status, Status::full);
  EXPECT_TRUE(each.at(1).created());

  const Creation batch = client.batch("b", [](Batch& members) { members.enqueue(work, 3); });
  EXPECT_EQ(batch.status, Status::full);
  EXPECT_EQ(stored(), 2U);
}

TEST_F(QueueBoundsTest, BoundsOutOfRangeAreRefused) {
  const auto message = [&](const std::string& queue, const QueueBound& bound) -> std::string {
    try {
      Client{storage_, {.queue_bounds = {{queue, bound}}}};
    } catch (const UsageError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(message("mail", {}), HasSubstr("queue_bounds of \"mail\": longest is \"0\""));
  EXPECT_THAT(message("No Good", {.longest = 1}), HasSubstr("No Good"));
  EXPECT_THAT(message("mail", {.longest = 1, .patience = -1s}), HasSubstr("patience"));
  EXPECT_EQ(message("mail", {.longest = 1}), "accepted");
}

}  // namespace
}  // namespace portfire::queue_bounds_test
