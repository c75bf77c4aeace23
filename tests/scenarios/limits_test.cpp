// Limits, sequences, and calls that take the place of earlier ones.

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include <gmock/gmock.h>

#include "scenarios/scenario.hpp"

namespace portfire::scenarios::limits_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Limits : public Scenario {};
PORTFIRE_SCENARIOS(Limits);

inline constexpr Job<void(int)> work{"work"};
inline constexpr Job<void(std::string)> search{"search"};
inline constexpr Job<void(int)> narrow{"narrow", {.at_once = 1}};

// How many are inside at the same time, and the most that ever were.
class Crowd {
 public:
  // Returns how many are inside now.
  int enter() {
    const int now = ++inside_;
    int most = most_.load();
    while (now > most && !most_.compare_exchange_weak(most, now)) {
    }
    return now;
  }
  void leave() { --inside_; }
  [[nodiscard]] int most() const { return most_.load(); }

 private:
  std::atomic<int> inside_{0};
  std::atomic<int> most_{0};
};

std::uint64_t standing_in_line(Storage& storage) {
  std::uint64_t count = 0;
  for (const StateCount& live : storage.monitoring().statistics().live) {
    if (live.state == state_names::awaiting) count += live.count;
  }
  return count;
}

TEST_P(Limits, NoMoreThanTheLimitRunAtATimeOnAllServers) {
  constexpr int jobs = 60;
  Crowd crowd;
  Gate both;
  Gate gate;
  Handlers handlers;
  handlers.on(work, [&](int) {
    if (crowd.enter() == 2) both.open();
    gate.wait();
    crowd.leave();
  });
  std::vector<Creation> created;
  for (int i = 0; i < jobs; ++i) {
    created.push_back(client().with({.limit = {"service", 2}}).enqueue(work, i));
  }
  start(handlers);
  start(handlers);
  EXPECT_TRUE(both.wait());
  EXPECT_EQ(standing_in_line(storage()), jobs - 2U);
  gate.open();
  for (const Creation& each : created) EXPECT_EQ(rest(each), "Succeeded");
  stop_all();
  EXPECT_EQ(crowd.most(), 2);
}

TEST_P(Limits, WhoStandsInLineHoldsNoWorker) {
  Gate gate;
  Handlers handlers;
  handlers.on(work, [&](int n) {
    if (n == 0) gate.wait();
  });
  ServerOptions options = quick();
  options.workers = 2;
  start(handlers, options);
  const JobId first = client().with({.limit = {"service"}}).enqueue(work, 0);
  std::vector<JobId> behind;
  for (int i = 1; i < 10; ++i) {
    behind.push_back(client().with({.limit = {"service"}}).enqueue(work, i));
  }
  const JobId other = client().enqueue(work, 10);
  EXPECT_EQ(rest(other), "Succeeded") << "nine jobs stand in line, and two workers are enough";
  EXPECT_EQ(details(behind.front()).state, "Awaiting");
  gate.open();
  EXPECT_EQ(rest(first), "Succeeded");
  for (const JobId id : behind) EXPECT_EQ(rest(id), "Succeeded");
}

TEST_P(Limits, AKindOfJobMayBeLimitedByItself) {
  Crowd crowd;
  Handlers handlers;
  handlers.on(narrow, [&](int) {
    crowd.enter();
    crowd.leave();
  });
  const auto created = client().enqueue_all(narrow, std::vector<int>(30, 7));
  EXPECT_EQ(details(created.front()).limit_key, "narrow");
  EXPECT_EQ(standing_in_line(storage()), 29U);
  start(handlers);
  for (const Creation& each : created) EXPECT_EQ(rest(each), "Succeeded");
  stop_all();
  EXPECT_EQ(crowd.most(), 1);
}

TEST_P(Limits, ASequenceKeepsItsOrderThroughRetries) {
  Notes notes;
  std::atomic<int> failures{2};
  Handlers handlers;
  handlers.on(work, [&](int n) {
    if (n == 1 && failures-- > 0) throw std::runtime_error{"not yet"};
    notes.add(std::to_string(n));
  });
  ServerOptions options = quick();
  options.retry.delays = {Duration{1}};
  std::vector<Creation> created;
  for (int i = 0; i < 5; ++i) {
    created.push_back(client().with({.sequence = {"customer"}}).enqueue(work, i));
  }
  start(handlers, options);
  for (const Creation& each : created) ASSERT_EQ(rest(each), "Succeeded");
  EXPECT_THAT(notes.all(), ElementsAre("0", "1", "2", "3", "4"));
}

TEST_P(Limits, AFailureHoldsUpItsSequenceUntilSomebodyDecides) {
  std::atomic<bool> broken{true};
  Handlers handlers;
  handlers.on(work, [&](int n) {
    if (n == 0 && broken) throw std::runtime_error{"broken"};
  });
  ServerOptions options = quick();
  options.retry.attempts = 0;
  start(handlers, options);
  const JobId first = client().with({.sequence = {"strict"}}).enqueue(work, 0);
  const JobId second = client().with({.sequence = {"strict"}}).enqueue(work, 1);
  EXPECT_EQ(rest(first), "Failed");
  EXPECT_EQ(details(second).state, "Awaiting");
  broken = false;
  client().requeue(first);
  EXPECT_EQ(rest(second), "Succeeded");
}

TEST_P(Limits, ASequenceMayGoOnAfterAFailure) {
  Handlers handlers;
  handlers.on(work, [&](int n) {
    if (n == 0) throw std::runtime_error{"broken"};
  });
  ServerOptions options = quick();
  options.retry.attempts = 0;
  start(handlers, options);
  const CallOptions call{.sequence = {.key = "lenient", .past_failures = true}};
  const JobId first = client().with(call).enqueue(work, 0);
  const JobId second = client().with(call).enqueue(work, 1);
  EXPECT_EQ(rest(first), "Failed");
  EXPECT_EQ(rest(second), "Succeeded");
}

TEST_P(Limits, OfABurstOfDebouncedCallsTheLastCounts) {
  Notes notes;
  Handlers handlers;
  handlers.on(search, [&](const std::string& text) { notes.add(text); });
  start(handlers);
  JobId id;
  for (const char* text : {"p", "po", "port"}) {
    const Creation creation =
        client().with({.unique = debounced("search")}).schedule(search, 1h, std::string{text});
    EXPECT_EQ(creation.status, id ? Creation::Status::replaced : Creation::Status::created);
    EXPECT_EQ(creation.id, id ? id : creation.id);
    id = creation.id;
  }
  advance(2h);
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_THAT(notes.all(), ElementsAre("port"));
}

TEST_P(Limits, OfABurstOfThrottledCallsTheFirstCounts) {
  const CallOptions call{.unique = throttled("alarm", 10min)};
  const Creation first = client().with(call).enqueue(work, 1);
  const Creation second = client().with(call).enqueue(work, 2);
  EXPECT_EQ(second.status, Creation::Status::existing);
  EXPECT_EQ(second.id, first.id);
  advance(11min);
  EXPECT_TRUE(client().with(call).enqueue(work, 3).created());
}

TEST_P(Limits, AHandlerThatReplacesARunningJobSucceedsNevertheless) {
  Gate entered;
  Gate gate;
  Handlers handlers;
  handlers.on(search, [&](const std::string&) {
    entered.open();
    gate.wait();
  });
  handlers.on(work, [&](int, Context& context) {
    UniqueKey key{.key = "one", .on_duplicate = OnDuplicate::replace};
    context.client().with({.unique = key}).enqueue(search, std::string{"second"});
  });
  start(handlers);
  const JobId running = client().with({.unique = {"one"}}).enqueue(search, std::string{"first"});
  ASSERT_TRUE(entered.wait());
  const JobId replacing = client().enqueue(work, 1);
  EXPECT_EQ(rest(replacing), "Succeeded");
  gate.open();
  EXPECT_EQ(rest(running), "Succeeded");
  EXPECT_EQ(details(running).arguments, R"(["first"])");
}

TEST_P(Limits, OneLineAtATime) {
  try {
    client().with({.limit = {"a"}, .sequence = {"b"}}).enqueue(work, 1);
    FAIL() << "a limit and a sequence were accepted";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("choose one of them"));
  }
  EXPECT_THROW(client().with({.limit = {"a", 0}}).enqueue(work, 1), UsageError);
  EXPECT_THROW(client().with({.limit = {std::string(201, 'a')}}).enqueue(work, 1), UsageError);
}

}  // namespace
}  // namespace portfire::scenarios::limits_test
