// How one part of the system learns at once that another has changed something.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;
using testing::moving;

void keep_wakeups() {}

namespace {

// Long enough for any machine: a test that reaches it fails.
constexpr auto patience = 10s;

// Whether news have come, or come now.
bool hears(Storage& storage, Subscription& subscription) {
  return subscription.wait_until(storage.runtime()->steady_now() + patience, {});
}

// Takes in what has happened so far; wake-ups may come too often, but they come to an end.
bool settles(Storage& storage, Subscription& subscription) {
  for (int round = 0; round < 1000; ++round) {
    if (!subscription.wait_until(storage.runtime()->steady_now(), {})) return true;
  }
  return false;
}

}  // namespace

// Subscribes, takes in old news, does something and expects news of it.
#define PORTFIRE_EXPECT_NEWS(topic, action)                           \
  do {                                                                \
    const auto subscription = wakeup().subscribe({topic});            \
    ASSERT_TRUE(settles(storage(), *subscription));                   \
    action;                                                           \
    EXPECT_TRUE(hears(storage(), *subscription)) << "after " #action; \
  } while (false)

TEST_P(Wakeups, AQueueIsNotifiedOfNewJobs) {
  PORTFIRE_EXPECT_NEWS(topics::queue("default"), create(job()));
  PORTFIRE_EXPECT_NEWS(topics::queue("mail"), create(job().queue("mail")));
}

TEST_P(Wakeups, AQueueIsNotifiedOfEveryRoadIntoIt) {
  const std::string topic = topics::queue("default");
  const JobId id = create(job());
  create_many(5);
  PORTFIRE_EXPECT_NEWS(topic, finish(claim_one(), states::enqueued()));
  PORTFIRE_EXPECT_NEWS(topic, move(id, states::enqueued()));
  PORTFIRE_EXPECT_NEWS(topic, release(claim_one(), ReleaseReason::unstarted));
  PORTFIRE_EXPECT_NEWS(topic, release(claim_one(), ReleaseReason::shutdown));
  PORTFIRE_EXPECT_NEWS(topic, release(claim_one(), ReleaseReason::no_handler));
}

TEST_P(Wakeups, AQueueIsNotifiedOfJobsThatFallDue) {
  create(job().queue("mail").scheduled(1h));
  advance(1h);
  PORTFIRE_EXPECT_NEWS(topics::queue("mail"), promote());
}

TEST_P(Wakeups, AQueueIsNotifiedOfJobsTakenBack) {
  create_many(2);
  TestServer dead = new_server();
  dead.claim_one();
  PORTFIRE_EXPECT_NEWS(topics::queue("default"), reclaim({dead.id()}));
  TestServer leaving = new_server();
  leaving.claim_one();
  PORTFIRE_EXPECT_NEWS(topics::queue("default"), coordination().remove(leaving.id()));
}

TEST_P(Wakeups, AQueueIsNotifiedOfContinuationsThatAreLetGo) {
  const JobId parent = create(job());
  create(job().queue("after").after(parent));
  PORTFIRE_EXPECT_NEWS(topics::queue("after"), finish(claim_one()));
}

TEST_P(Wakeups, AQueueIsNotifiedOfItsSettings) {
  PORTFIRE_EXPECT_NEWS(topics::queue("mail"),
                       coordination().set_queue({.name = "mail", .paused = true}));
  PORTFIRE_EXPECT_NEWS(topics::settings(),
                       coordination().set_queue({.name = "other", .paused = true}));
}

TEST_P(Wakeups, TheSchedulerIsNotifiedOfAnEarlierDueTime) {
  PORTFIRE_EXPECT_NEWS(topics::due(), create(job().scheduled(5h)));
  PORTFIRE_EXPECT_NEWS(topics::due(), create(job().scheduled(1h)));
  create(job());
  PORTFIRE_EXPECT_NEWS(topics::due(), finish(claim_one(), states::scheduled(1min)));
}

TEST_P(Wakeups, TheSchedulerIsNotifiedOfChildrenUpForElection) {
  const JobId parent = create(job());
  create(job().after(parent));
  PORTFIRE_EXPECT_NEWS(topics::due(), apply(ending(claim_one()).electing()));
}

TEST_P(Wakeups, AServerIsNotifiedOfJobsTakenFromIt) {
  const JobId id = create(job());
  claim_one();
  PORTFIRE_EXPECT_NEWS(topics::server(server().id()), move(id, states::deleted()));
}

TEST_P(Wakeups, AJobsEndIsNotified) {
  const JobId succeeds = create(job());
  PORTFIRE_EXPECT_NEWS(topics::job(succeeds), finish(claim_one()));
  const JobId fails = create(job());
  PORTFIRE_EXPECT_NEWS(topics::job(fails), finish(claim_one(), states::failed()));
  const JobId deleted = create(job());
  PORTFIRE_EXPECT_NEWS(topics::job(deleted), move(deleted, states::deleted()));
  const JobId custom = create(job());
  PORTFIRE_EXPECT_NEWS(topics::job(custom), move(custom, custom_state("Odd", StateKind::final)));
}

TEST_P(Wakeups, TheEndOfAContinuationIsNotified) {
  const JobId parent = create(job());
  const JobId child = create(job().after(parent));
  PORTFIRE_EXPECT_NEWS(topics::job(child), move(parent, states::deleted()));
}

TEST_P(Wakeups, ANotificationReachesItsTopic) {
  PORTFIRE_EXPECT_NEWS("my/topic", wakeup().notify(std::vector<std::string>{"my/topic"}));
}

TEST_P(Wakeups, OneOfSeveralTopicsIsEnough) {
  const auto subscription =
      wakeup().subscribe({topics::queue("a"), topics::queue("b"), topics::due()});
  ASSERT_TRUE(settles(storage(), *subscription));
  create(job().queue("b"));
  EXPECT_TRUE(hears(storage(), *subscription));
}

TEST_P(Wakeups, EverySubscriberIsTold) {
  const auto first = wakeup().subscribe({topics::queue("default")});
  const auto second = wakeup().subscribe({topics::queue("default")});
  ASSERT_TRUE(settles(storage(), *first) && settles(storage(), *second));
  create(job());
  EXPECT_TRUE(hears(storage(), *first));
  EXPECT_TRUE(hears(storage(), *second));
}

TEST_P(Wakeups, NewsBetweenTwoWaitsAreNotMissed) {
  const auto subscription = wakeup().subscribe({topics::queue("default")});
  create(job());
  ASSERT_TRUE(hears(storage(), *subscription));
  ASSERT_TRUE(settles(storage(), *subscription));
  create(job());
  EXPECT_TRUE(hears(storage(), *subscription));
}

TEST_P(Wakeups, AWaitingThreadIsWoken) {
  const auto subscription = wakeup().subscribe({topics::queue("default")});
  ASSERT_TRUE(settles(storage(), *subscription));
  bool heard = false;
  const auto waiter =
      storage().runtime()->spawn("waiter", [&] { heard = hears(storage(), *subscription); });
  create(job());
  waiter->join();
  EXPECT_TRUE(heard);
}

TEST_P(Wakeups, ForwardedNewsAndPokesArriveWhereTheyAreSent) {
  const auto heard = storage().runtime()->make_event();
  const auto hears_now = [&] {
    return heard->wait_until(storage().runtime()->steady_now() + patience, {});
  };
  const auto subscription = wakeup().subscribe({topics::queue("default")});
  if (!subscription->forward_to([&] { heard->set(); })) {
    GTEST_SKIP() << "this storage offers only waits";
  }
  create(job());
  EXPECT_TRUE(hears_now());
  subscription->poke();
  EXPECT_TRUE(hears_now());
}

TEST_P(Wakeups, APokeEndsTheNextWait) {
  const auto subscription = wakeup().subscribe({topics::queue("default")});
  ASSERT_TRUE(settles(storage(), *subscription));
  subscription->poke();
  EXPECT_TRUE(hears(storage(), *subscription));
}

TEST_P(Wakeups, AWaitWithoutNewsEndsAtItsDeadline) {
  const auto subscription = wakeup().subscribe({"nobody/ever"});
  EXPECT_TRUE(settles(storage(), *subscription));
}

TEST_P(Wakeups, AWaitEndsWhenItIsToldToStop) {
  const auto subscription = wakeup().subscribe({"nobody/ever"});
  std::stop_source stop;
  const auto waiter = storage().runtime()->spawn("waiter", [&] {
    while (subscription->wait_until(SteadyPoint::max(), stop.get_token())) {
    }
  });
  stop.request_stop();
  waiter->join();
  EXPECT_FALSE(subscription->wait_until(SteadyPoint::max(), stop.get_token()));
}

TEST_P(Wakeups, ASubscriptionMayEndWhileOthersGoOn) {
  const auto stays = wakeup().subscribe({topics::queue("default")});
  wakeup().subscribe({topics::queue("default")}).reset();
  ASSERT_TRUE(settles(storage(), *stays));
  create(job());
  EXPECT_TRUE(hears(storage(), *stays));
}

TEST_P(Wakeups, NewsReachOtherOpeningsOfTheSameData) {
  PORTFIRE_CONFORMANCE_NEEDS(shared);
  const std::shared_ptr<Storage> other = open_another();
  const auto subscription = other->wakeup().subscribe({topics::queue("default")});
  ASSERT_TRUE(settles(*other, *subscription));
  create(job());
  EXPECT_TRUE(hears(*other, *subscription));
}

TEST_P(Wakeups, NotificationsReachOtherOpeningsOfTheSameData) {
  PORTFIRE_CONFORMANCE_NEEDS(shared);
  const std::shared_ptr<Storage> other = open_another();
  const auto subscription = other->wakeup().subscribe({"my/topic"});
  ASSERT_TRUE(settles(*other, *subscription));
  wakeup().notify(std::vector<std::string>{"my/topic"});
  EXPECT_TRUE(hears(*other, *subscription));
}

}  // namespace portfire::conformance
