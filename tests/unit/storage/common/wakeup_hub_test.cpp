#include "storage/common/wakeup_hub.hpp"

#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace portfire {
namespace {

constexpr SteadyPoint at_once = SteadyPoint{};

class WakeupHubTest : public ::testing::Test {
 protected:
  void notify(const std::vector<std::string>& topics) { hub_.notify(topics); }

  WakeupHub hub_{thread_runtime()};
};

bool has_news(Subscription& subscription) { return subscription.wait_until(at_once, {}); }

TEST_F(WakeupHubTest, WakesThoseWithTheTopicAndNobodyElse) {
  const auto mail = hub_.subscribe({"queue/mail"});
  const auto slow = hub_.subscribe({"queue/slow"});
  const auto both = hub_.subscribe({"queue/slow", "queue/mail", "queue/mail"});

  notify({"queue/mail"});

  EXPECT_TRUE(has_news(*mail));
  EXPECT_FALSE(has_news(*slow));
  EXPECT_TRUE(has_news(*both));
}

TEST_F(WakeupHubTest, NewsBeforeTheWaitAreNotMissedAndCountOnce) {
  const auto subscription = hub_.subscribe({"due"});

  notify({"due"});
  notify({"due", "due"});

  EXPECT_TRUE(has_news(*subscription));
  EXPECT_FALSE(has_news(*subscription));
}

TEST_F(WakeupHubTest, NewsBeforeTheSubscriptionAreOthersBusiness) {
  notify({"due"});
  const auto subscription = hub_.subscribe({"due"});
  EXPECT_FALSE(has_news(*subscription));
}

TEST_F(WakeupHubTest, TopicsAreComparedWhole) {
  const auto subscription = hub_.subscribe({"queue/mail"});
  notify({"queue/mail2", "queue/mai", "queue/"});
  EXPECT_FALSE(has_news(*subscription));
}

TEST_F(WakeupHubTest, ForwardsNewsAndPokesInsteadOfEndingWaits) {
  const auto subscription = hub_.subscribe({"due"});
  int told = 0;
  notify({"due"});
  EXPECT_TRUE(subscription->forward_to([&] { ++told; }));
  EXPECT_EQ(told, 1) << "what came before";
  notify({"due"});
  notify({"other"});
  subscription->poke();
  hub_.notify_all();
  EXPECT_EQ(told, 4);
  EXPECT_FALSE(has_news(*subscription));
}

TEST_F(WakeupHubTest, ForwardsNothingThatDidNotCome) {
  const auto subscription = hub_.subscribe({"due"});
  EXPECT_TRUE(subscription->forward_to([] { FAIL(); }));
}

TEST_F(WakeupHubTest, NotifyAllWakesEverybody) {
  const auto first = hub_.subscribe({"due"});
  const auto second = hub_.subscribe({"job/1"});
  const auto third = hub_.subscribe({});

  hub_.notify_all();

  EXPECT_TRUE(has_news(*first));
  EXPECT_TRUE(has_news(*second));
  EXPECT_TRUE(has_news(*third));
}

TEST_F(WakeupHubTest, PokeReachesItsOwnSubscriptionOnly) {
  const auto poked = hub_.subscribe({"due"});
  const auto other = hub_.subscribe({"due"});

  poked->poke();

  EXPECT_TRUE(has_news(*poked));
  EXPECT_FALSE(has_news(*other));
}

TEST_F(WakeupHubTest, EndedSubscriptionsAreForgotten) {
  auto gone = hub_.subscribe({"due", "job/1"});
  const auto stays = hub_.subscribe({"due"});
  gone.reset();

  notify({"due", "job/1"});
  hub_.notify_all();

  EXPECT_TRUE(has_news(*stays));
}

TEST_F(WakeupHubTest, KnowsWhetherAnybodyWaitsForJobs) {
  EXPECT_FALSE(hub_.anybody_waits_for_jobs());
  const auto queue = hub_.subscribe({"queue/job/x"});
  EXPECT_FALSE(hub_.anybody_waits_for_jobs());

  auto first = hub_.subscribe({"due", "job/1"});
  auto second = hub_.subscribe({"job/1", "job/2"});
  EXPECT_TRUE(hub_.anybody_waits_for_jobs());
  first.reset();
  EXPECT_TRUE(hub_.anybody_waits_for_jobs());
  second.reset();
  EXPECT_FALSE(hub_.anybody_waits_for_jobs());
}

TEST_F(WakeupHubTest, AWaitingThreadWakesOnNewsAndOnStop) {
  const auto subscription = hub_.subscribe({"due"});
  bool first = false;
  bool second = true;
  std::jthread waiter{[&](const std::stop_token& stop) {
    first = subscription->wait_until(SteadyPoint::max(), {});
    second = subscription->wait_until(SteadyPoint::max(), stop);
  }};

  notify({"due"});
  waiter.request_stop();
  waiter.join();

  EXPECT_TRUE(first);
  EXPECT_FALSE(second);
}

TEST_F(WakeupHubTest, SubscriptionsComeAndGoWhileOthersNotify) {
  constexpr int rounds = 2000;
  std::jthread notifier{[&](const std::stop_token& stop) {
    while (!stop.stop_requested()) notify({"due", "job/1"});
  }};
  for (int round = 0; round < rounds; ++round) {
    const auto subscription = hub_.subscribe({"due", "job/1"});
    ASSERT_TRUE(subscription->wait_until(SteadyPoint::max(), {}));
  }
}

}  // namespace
}  // namespace portfire
