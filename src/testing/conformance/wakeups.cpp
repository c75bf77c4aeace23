// How one part of the system learns at once that another has changed something.

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;

void keep_wakeups() {}

namespace {

// Long enough for any machine: a test that reaches it fails.
constexpr auto patience = 10s;

// A storage may wake those who begin to wait a few times without news. Nobody hears so many of what
// he is not told.
constexpr int rounds = 25;

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

// A thread that waits for news all the time, and counts them.
class Ear {
 public:
  Ear(Storage& storage, std::vector<std::string> topics)
      : runtime_{*storage.runtime()},
        heard_{runtime_.make_event()},
        subscription_{storage.wakeup().subscribe(std::move(topics))},
        task_{runtime_.spawn("ear", [this] { listen(); })} {}
  ~Ear() {
    stop_.request_stop();
    task_->join();
  }
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;

  [[nodiscard]] std::size_t wakeups() const { return wakeups_; }

  // Whether there have been more than so many, or come to be.
  bool hears_more_than(std::size_t count) {
    const SteadyPoint end = runtime_.steady_now() + patience;
    while (wakeups_ <= count) {
      if (!heard_->wait_until(end, {})) return wakeups_ > count;
    }
    return true;
  }

 private:
  void listen() {
    const std::stop_token stop = stop_.get_token();
    while (!stop.stop_requested()) {
      if (!subscription_->wait_until(SteadyPoint::max(), stop)) continue;
      ++wakeups_;
      heard_->set();
    }
  }

  Runtime& runtime_;
  const std::unique_ptr<Event> heard_;
  const std::unique_ptr<Subscription> subscription_;
  std::stop_source stop_;
  std::atomic<std::size_t> wakeups_{0};
  const std::unique_ptr<Task> task_;
};

// Those who listen to the same topics, each through one of the openings.
class Audience {
 public:
  Audience(std::vector<std::shared_ptr<Storage>> openings, const std::vector<std::string>& topics)
      : openings_{std::move(openings)} {
    for (const auto& opening : openings_) ears_.push_back(std::make_unique<Ear>(*opening, topics));
  }

  // Does something again and again, which all have to hear of each time.
  template <class Action>
  void expect_news_of(Action action) {
    for (int round = 0; round < rounds; ++round) {
      std::vector<std::size_t> before;
      for (const auto& ear : ears_) before.push_back(ear->wakeups());
      action(static_cast<std::size_t>(round));
      for (std::size_t i = 0; i < ears_.size(); ++i) {
        ASSERT_TRUE(ears_[i]->hears_more_than(before[i]))
            << "listener " << i << " in round " << round;
      }
    }
  }

 private:
  const std::vector<std::shared_ptr<Storage>> openings_;
  std::vector<std::unique_ptr<Ear>> ears_;
};

// A storage of a test's own, lent.
std::shared_ptr<Storage> lent(Storage& storage) { return {std::shared_ptr<void>{}, &storage}; }

}  // namespace

// Listeners by the storage under test and, where there can be another, by another opening.
#define PORTFIRE_AUDIENCE(name, ...)                                              \
  std::vector<std::shared_ptr<Storage>> name##_openings{lent(storage())};         \
  if (storage().capabilities().shared) name##_openings.push_back(open_another()); \
  Audience name { std::move(name##_openings), std::vector<std::string> __VA_ARGS__ }

TEST_P(Wakeups, AQueueIsNotifiedOfNewJobs) {
  PORTFIRE_AUDIENCE(plain, {topics::queue("default")});
  plain.expect_news_of([&](std::size_t) { create(job()); });
  PORTFIRE_AUDIENCE(mail, {topics::queue("mail")});
  mail.expect_news_of([&](std::size_t) { create(job().queue("mail")); });
}

TEST_P(Wakeups, AQueueIsNotifiedOfManyNewJobs) {
  PORTFIRE_AUDIENCE(audience, {topics::queue("default")});
  audience.expect_news_of([&](std::size_t) { create_many(20); });
}

TEST_P(Wakeups, AQueueIsNotifiedOfRetries) {
  create_many(rounds);
  const std::vector<Execution> held = claim(rounds);
  PORTFIRE_AUDIENCE(audience, {topics::queue("default")});
  audience.expect_news_of([&](std::size_t i) { finish(held[i], states::enqueued()); });
}

TEST_P(Wakeups, AQueueIsNotifiedOfJobsMovedIntoIt) {
  const std::vector<JobId> ids = create_many(rounds);
  PORTFIRE_AUDIENCE(audience, {topics::queue("default")});
  audience.expect_news_of([&](std::size_t i) { move(ids[i], states::enqueued()); });
}

TEST_P(Wakeups, AQueueIsNotifiedOfJobsGivenBack) {
  for (const ReleaseReason reason :
       {ReleaseReason::unstarted, ReleaseReason::shutdown, ReleaseReason::no_handler}) {
    SCOPED_TRACE(static_cast<int>(reason));
    create_many(rounds);
    const std::vector<Execution> held = claim(rounds);
    PORTFIRE_AUDIENCE(audience, {topics::queue("default")});
    audience.expect_news_of([&](std::size_t i) { release(held[i], reason); });
  }
}

TEST_P(Wakeups, AQueueIsNotifiedOfJobsThatFallDue) {
  for (int i = 0; i < rounds; ++i) create(job().queue("mail").scheduled((i + 1) * 1h));
  PORTFIRE_AUDIENCE(audience, {topics::queue("mail")});
  audience.expect_news_of([&](std::size_t) {
    advance(1h);
    promote();
  });
}

TEST_P(Wakeups, AQueueIsNotifiedOfJobsTakenBack) {
  create_many(2 * rounds);
  std::vector<TestServer> servers;
  for (int i = 0; i < 2 * rounds; ++i) {
    servers.push_back(new_server());
    servers.back().claim_one();
  }
  PORTFIRE_AUDIENCE(audience, {topics::queue("default")});
  audience.expect_news_of([&](std::size_t i) { reclaim({servers[i].id()}); });
  audience.expect_news_of([&](std::size_t i) { coordination().remove(servers[rounds + i].id()); });
}

TEST_P(Wakeups, AQueueIsNotifiedOfContinuationsThatAreLetGo) {
  for (const JobId parent : create_many(rounds)) create(job().queue("after").after(parent));
  const std::vector<Execution> parents = claim(rounds);
  PORTFIRE_AUDIENCE(audience, {topics::queue("after")});
  audience.expect_news_of([&](std::size_t i) { finish(parents[i]); });
}

TEST_P(Wakeups, AQueueIsNotifiedOfThoseWhoseTurnHasCome) {
  std::vector<JobId> first;
  for (std::size_t i = 0; i < rounds; ++i) {
    const std::string key = "k" + std::to_string(i);
    first.push_back(create(job().limited(key)));
    create(job().queue("after").limited(key));
  }
  PORTFIRE_AUDIENCE(audience, {topics::queue("after")});
  audience.expect_news_of([&](std::size_t i) { move(first[i], states::deleted()); });
}

TEST_P(Wakeups, AQueueIsNotifiedOfItsSettings) {
  PORTFIRE_AUDIENCE(mail, {topics::queue("mail")});
  mail.expect_news_of([&](std::size_t i) {
    coordination().set_queue({.name = "mail", .paused = true, .version = i});
  });
  PORTFIRE_AUDIENCE(all, {topics::settings()});
  all.expect_news_of([&](std::size_t i) {
    coordination().set_queue({.name = "other", .paused = true, .version = i});
  });
}

TEST_P(Wakeups, TheSchedulerIsNotifiedOfAnEarlierDueTime) {
  create_many(rounds);
  const std::vector<Execution> held = claim(rounds);
  PORTFIRE_AUDIENCE(audience, {topics::due()});
  audience.expect_news_of([&](std::size_t i) { create(job().scheduled(100h - i * 1h)); });
  audience.expect_news_of([&](std::size_t i) { finish(held[i], states::scheduled(50h - i * 1h)); });
}

TEST_P(Wakeups, TheSchedulerIsNotifiedOfChildrenUpForElection) {
  for (const JobId parent : create_many(rounds)) create(job().after(parent));
  const std::vector<Execution> parents = claim(rounds);
  PORTFIRE_AUDIENCE(audience, {topics::due()});
  audience.expect_news_of([&](std::size_t i) { apply(ending(parents[i]).electing()); });
}

TEST_P(Wakeups, TheSchedulerIsNotifiedOfChangedTemplates) {
  PORTFIRE_AUDIENCE(audience, {topics::recurring()});
  audience.expect_news_of([&](std::size_t i) {
    commit(unit().change({.id = std::to_string(i), .record = RecurringRecord{.job_name = "work"}}));
  });
}

TEST_P(Wakeups, AServerIsNotifiedOfJobsTakenFromIt) {
  create_many(rounds);
  const std::vector<Execution> held = claim(rounds);
  PORTFIRE_AUDIENCE(audience, {topics::server(server().id())});
  audience.expect_news_of([&](std::size_t i) { move(held[i].ref.job, states::deleted()); });
}

TEST_P(Wakeups, AServerThatIsAskedToStopIsNotified) {
  const ServerId asked = server().id();
  PORTFIRE_AUDIENCE(audience, {topics::server(asked)});
  audience.expect_news_of([&](std::size_t) { coordination().ask_to_stop(asked); });
}

TEST_P(Wakeups, AJobThatComesToRestIsNotified) {
  const auto topics_of = [](const std::vector<JobId>& ids) {
    std::vector<std::string> all;
    for (const JobId id : ids) all.push_back(topics::job(id));
    return all;
  };
  for (const State& rest :
       {states::succeeded(), states::failed(), states::deleted(),
        custom_state("Final", StateKind::final), custom_state("Parked", StateKind::parked),
        custom_state("Passed", StateKind::parked, Ending::succeeded)}) {
    SCOPED_TRACE(rest.name);
    const std::vector<JobId> ended = create_many(rounds);
    const std::vector<Execution> held = claim(rounds);
    PORTFIRE_AUDIENCE(ends, {topics_of(ended)});
    ends.expect_news_of([&](std::size_t i) { finish(held[i], rest); });
    const std::vector<JobId> moved = create_many(rounds);
    PORTFIRE_AUDIENCE(moves, {topics_of(moved)});
    moves.expect_news_of([&](std::size_t i) { move(moved[i], rest); });
    for (const JobId id : moved) EXPECT_EQ(state_of(id), rest.name);
  }
}

TEST_P(Wakeups, TheEndOfAContinuationIsNotified) {
  const std::vector<JobId> parents = create_many(rounds);
  std::vector<std::string> children;
  for (const JobId parent : parents) children.push_back(topics::job(create(job().after(parent))));
  PORTFIRE_AUDIENCE(audience, {children});
  audience.expect_news_of([&](std::size_t i) { move(parents[i], states::deleted()); });
}

TEST_P(Wakeups, ANotificationReachesItsTopic) {
  PORTFIRE_AUDIENCE(audience, {"my/topic"});
  audience.expect_news_of(
      [&](std::size_t) { wakeup().notify(std::vector<std::string>{"my/topic"}); });
}

TEST_P(Wakeups, OneOfSeveralTopicsIsEnough) {
  PORTFIRE_AUDIENCE(audience, {topics::queue("a"), topics::queue("b"), topics::due()});
  audience.expect_news_of([&](std::size_t) { create(job().queue("b")); });
}

TEST_P(Wakeups, EverySubscriberIsTold) {
  Audience audience{{lent(storage()), lent(storage())}, {topics::queue("default")}};
  audience.expect_news_of([&](std::size_t) { create(job()); });
}

TEST_P(Wakeups, NewsBetweenTwoWaitsAreNotMissed) {
  const auto subscription = wakeup().subscribe({topics::queue("default")});
  create(job());
  ASSERT_TRUE(hears(storage(), *subscription));
  ASSERT_TRUE(settles(storage(), *subscription));
  create(job());
  EXPECT_TRUE(hears(storage(), *subscription));
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
  PORTFIRE_AUDIENCE(audience, {topics::queue("default")});
  audience.expect_news_of([&](std::size_t) {
    wakeup().subscribe({topics::queue("default")}).reset();
    create(job());
  });
}

}  // namespace portfire::conformance
