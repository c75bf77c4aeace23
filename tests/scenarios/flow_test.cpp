// When jobs start: delays, continuations, order, lanes, pauses, several servers.

#include <set>
#include <stdexcept>

#include <gmock/gmock.h>

#include "scenarios/scenario.hpp"

namespace portfire::scenarios::flow_test {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

class Flow : public Scenario {};
PORTFIRE_SCENARIOS(Flow);

constexpr Job<void(std::string)> note{"note"};
constexpr Job<int(int)> work{"work"};

// `work(n)` succeeds with n, fails for n < 0, cancels itself for 0; `note` notes.
Handlers usual(Notes& notes) {
  Handlers handlers;
  handlers.on(note, [&notes](std::string text) { notes.add(std::move(text)); });
  handlers.on(work, [](int n) -> Outcome {
    if (n < 0) throw std::runtime_error{"negative"};
    if (n == 0) return cancel("nothing to do");
    return done(n);
  });
  return handlers;
}

TEST_P(Flow, AScheduledJobRunsWhenItFallsDueAndNotBefore) {
  Notes notes;
  start(usual(notes));
  const JobId later = client().schedule(note, 1h, "later");
  const JobId now = client().enqueue(note, "now");
  EXPECT_EQ(rest(now), "Succeeded");
  EXPECT_EQ(details(later).state, "Scheduled");
  advance(1h);
  EXPECT_EQ(rest(later), "Succeeded");
  EXPECT_THAT(notes.all(), ElementsAre("now", "later"));
  EXPECT_THAT(history(later), ElementsAre("Scheduled", "Enqueued", "Processing", "Succeeded"));
}

TEST_P(Flow, AServerThatIsAskedToStopStopsAndMayBeStartedAgain) {
  Notes notes;
  Server& server = start(usual(notes));
  const ServerId asked = server.id();
  EXPECT_TRUE(storage().coordination().ask_to_stop(asked));
  EXPECT_TRUE(until([&] { return storage().monitoring().servers().empty(); }));
  EXPECT_EQ(server.id(), asked);
  const JobId id = client().enqueue(note, "again");
  server.stop();
  EXPECT_EQ(details(id).state, "Enqueued");
  server.start();
  EXPECT_NE(server.id(), asked);
  EXPECT_EQ(rest(id), "Succeeded");
}

TEST_P(Flow, AServerThatIsAskedToStopGivesBackWhatItRuns) {
  Gate began;
  Handlers handlers;
  handlers.on("hold", [&](std::stop_token stop) {
    began.open();
    EXPECT_FALSE(Gate{}.wait(stop));
    throw std::runtime_error{"interrupted"};
  });
  const ServerId asked = start(handlers).id();
  const JobId id = client().enqueue_raw("hold", "[]");
  ASSERT_TRUE(began.wait());
  storage().coordination().ask_to_stop(asked);
  EXPECT_TRUE(until_state(id, "Enqueued"));
  EXPECT_EQ(details(id).attempt, 0U);
}

TEST_P(Flow, AJobThatIsMovedIsRunByThoseOfTheOtherQueue) {
  Notes notes;
  ServerOptions options = quick();
  options.queues = {"other"};
  start(usual(notes), options);
  const JobId id = client().enqueue(note, "moved");
  const JobId later = client().schedule(note, 1h, "moved later");
  EXPECT_TRUE(client().move_to_queue(id, "other"));
  EXPECT_TRUE(client().move_to_queue(later, "other"));
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_EQ(details(later).state, "Scheduled");
  advance(1h);
  EXPECT_EQ(rest(later), "Succeeded");
  EXPECT_THAT(history(id), ElementsAre("Enqueued", "Enqueued", "Processing", "Succeeded"));
  EXPECT_THAT(notes.all(), ElementsAre("moved", "moved later"));
}

TEST_P(Flow, AnInstantInThePastIsDueAtOnce) {
  Notes notes;
  start(usual(notes));
  const JobId id = client().schedule(note, storage().monitoring().now() - 1h, "late");
  EXPECT_EQ(rest(id), "Succeeded");
}

struct ContinuationCase {
  Parents (*condition)(const JobId&);
  int argument;  // of the parent
  std::string child;
};

TEST_P(Flow, ContinuationsGoAccordingToHowTheParentEnds) {
  const std::vector<ContinuationCase> cases = {
      {on_succeeded<JobId>, 1, "Succeeded"}, {on_succeeded<JobId>, 0, "Deleted"},
      {on_deleted<JobId>, 0, "Succeeded"},   {on_deleted<JobId>, 1, "Deleted"},
      {on_failed<JobId>, -1, "Succeeded"},   {on_failed<JobId>, 1, "Deleted"},
      {on_finished<JobId>, 1, "Succeeded"},  {on_finished<JobId>, 0, "Succeeded"},
  };
  Notes notes;
  std::vector<JobId> children;
  for (const ContinuationCase& each : cases) {
    const JobId parent = client().enqueue(work, each.argument);
    children.push_back(client().continue_with(note, each.condition(parent), "child"));
  }
  ServerOptions options = quick();
  options.retry.attempts = 0;
  start(usual(notes), options);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(rest(children[i]), cases[i].child) << "case " << i;
  }
}

TEST_P(Flow, AContinuationOnAFailedParentWaitsForItsRepair) {
  Notes notes;
  std::atomic<bool> repaired{false};
  Handlers handlers = usual(notes);
  handlers.on("fragile", [&] {
    if (!repaired) throw std::runtime_error{"broken"};
  });
  ServerOptions options = quick();
  options.retry.attempts = 0;
  start(handlers, options);
  const JobId parent = client().enqueue_raw("fragile", "[]");
  const JobId child = client().continue_with(note, parent, "child");
  EXPECT_EQ(rest(parent), "Failed");
  EXPECT_EQ(details(child).state, "Awaiting");
  repaired = true;
  EXPECT_TRUE(client().requeue(parent, {.from = "Failed"}));
  EXPECT_EQ(rest(child), "Succeeded");
}

TEST_P(Flow, AContinuationOfSeveralWaitsForAllAndSeesTheirResults) {
  Notes notes;
  Handlers handlers = usual(notes);
  handlers.on("add", [](Context& context) {
    int sum = 0;
    for (std::size_t i = 0; i < context.parents().size(); ++i) {
      sum += context.parent_result<int>(i).value_or(0);
    }
    EXPECT_EQ(context.parent_result<int>(99), std::nullopt);
    return sum;
  });
  std::vector<JobId> parents;
  for (const int n : {1, 20, 300}) parents.push_back(client().enqueue(work, n));
  const JobId child = client().continue_raw("add", "[]", parents);
  start(handlers);
  EXPECT_EQ(rest(child), "Succeeded");
  EXPECT_EQ(client().result<int>(child), 321);
}

TEST_P(Flow, AContinuationOfAnEndedJobRunsAtOnce) {
  Notes notes;
  start(usual(notes));
  const JobId parent = client().enqueue(work, 1);
  rest(parent);
  EXPECT_EQ(rest(client().continue_with(note, parent, "child")), "Succeeded");
}

TEST_P(Flow, QueuesAreServedAsListedAndPrioritiesWithinThem) {
  Notes notes;
  client().with({.queue = "slow"}).enqueue(note, "slow");
  client().enqueue(note, "first");
  client().enqueue(note, "second");
  client().with({.priority = 50}).enqueue(note, "urgent");
  client().with({.priority = -1}).enqueue(note, "lazy");
  const JobId last = client().with({.queue = "slow", .priority = -100}).enqueue(note, "last");
  ServerOptions options = quick();
  options.workers = 1;
  options.queues = {"default", "slow"};
  start(usual(notes), options);
  EXPECT_EQ(rest(last), "Succeeded");
  EXPECT_THAT(notes.all(), ElementsAre("urgent", "first", "second", "lazy", "slow", "last"));
}

TEST_P(Flow, OrderHoldsForEveryPrefetch) {
  for (const int prefetch : {0, 1, 1000}) {
    Notes notes;
    Strings expected;
    JobId last;
    for (int i = 0; i < 40; ++i) {
      expected.push_back(std::to_string(i));
      last = client().enqueue(note, expected.back());
    }
    ServerOptions options = quick();
    options.workers = 1;
    options.prefetch = prefetch;
    start(usual(notes), options);
    rest(last);
    EXPECT_THAT(notes.all(), ElementsAreArray(expected)) << "prefetch " << prefetch;
    stop_all();
  }
}

TEST_P(Flow, AJobWithoutAHandlerWaitsForAServerThatHasOne) {
  Notes notes;
  start(usual(notes));
  const JobId strange = client().enqueue_raw("strange", "[]");
  const JobId known = client().enqueue(note, "known");
  EXPECT_EQ(rest(known), "Succeeded");
  EXPECT_TRUE(until([&] { return details(strange).no_handler; }));
  EXPECT_EQ(details(strange).state, "Enqueued");
  EXPECT_EQ(details(strange).attempt, 0U);
  EXPECT_THAT(history(strange), ElementsAre("Enqueued"));
  EXPECT_EQ(log().lines_with("no handler for the job \"strange\"").size(), 1U);

  Handlers newer = usual(notes);
  newer.on("strange", [&] { notes.add("strange"); });
  start(newer);
  EXPECT_EQ(rest(strange), "Succeeded");
  EXPECT_THAT(notes.all(), ElementsAre("known", "strange"));
}

TEST_P(Flow, APausedQueueStartsNothingUntilItIsResumed) {
  Notes notes;
  Gate began;
  Gate go_on;
  Handlers handlers = usual(notes);
  handlers.on("hold", [&] {
    began.open();
    go_on.wait();
  });
  ServerOptions options = quick();
  options.workers = 1;
  options.queues = {"default", "other"};
  start(handlers, options);
  const JobId running = client().enqueue_raw("hold", "[]");
  ASSERT_TRUE(began.wait());
  const JobId paused = client().enqueue(note, "paused");
  // By its epoch, which stays: on a busy machine it may have gone back before anybody looks.
  ASSERT_TRUE(until([&] { return details(paused).epoch > 0; })) << "claimed ahead";
  client().pause_queue("default", "ann", "maintenance");
  // What was claimed ahead has gone back.
  EXPECT_TRUE(until([&] { return details(paused).state == "Enqueued"; }));
  go_on.open();
  EXPECT_EQ(rest(running), "Succeeded") << "running jobs go on";
  EXPECT_EQ(rest(client().with({.queue = "other"}).enqueue(note, "other")), "Succeeded");
  EXPECT_EQ(details(paused).state, "Enqueued");
  client().resume_queue("default");
  EXPECT_EQ(rest(paused), "Succeeded");
  EXPECT_THAT(notes.all(), ElementsAre("other", "paused"));
}

TEST_P(Flow, TwoServersShareTheWorkWithoutOverlap) {
  std::mutex mutex;
  std::multiset<int> runs;
  Handlers handlers;
  handlers.on(work, [&](int n) {
    const std::lock_guard lock{mutex};
    runs.insert(n);
    return n;
  });
  std::vector<int> calls;
  for (int i = 0; i < 500; ++i) calls.push_back(i);
  start(handlers);
  start(handlers);
  for (const Creation& each : client().enqueue_all(work, calls)) {
    ASSERT_EQ(rest(each), "Succeeded");
  }
  EXPECT_EQ(runs, (std::multiset<int>{calls.begin(), calls.end()}));
  EXPECT_EQ(storage().monitoring().servers().size(), 2U);
  stop_all();
  EXPECT_THAT(storage().monitoring().servers(), IsEmpty());
}

// Two jobs that need each other at the same time, on servers with one worker each.
TEST_P(Flow, SeveralServersOfOneProcessWorkSideBySide) {
  Gate one;
  Gate two;
  Handlers handlers;
  handlers.on("one", [&] {
    one.open();
    EXPECT_TRUE(two.wait());
  });
  handlers.on("two", [&] {
    two.open();
    EXPECT_TRUE(one.wait());
  });
  ServerOptions options = quick();
  options.workers = 1;
  options.prefetch = 0;
  start(handlers, options);
  start(handlers, options);
  const JobId first = client().enqueue_raw("one", "[]");
  const JobId second = client().enqueue_raw("two", "[]");
  EXPECT_EQ(rest(first), "Succeeded");
  EXPECT_EQ(rest(second), "Succeeded");
}

// A worker that is busy for long must not keep jobs that it has claimed ahead.
TEST_P(Flow, JobsClaimedAheadGoToAnotherServerWhenTheyDoNotBegin) {
  Gate began;
  Gate go_on;
  Notes notes;
  Handlers handlers = usual(notes);
  handlers.on("hold", [&] {
    began.open();
    EXPECT_TRUE(go_on.wait());
  });
  ServerOptions options = quick();
  options.workers = 1;
  start(handlers, options);
  // Short jobs make the server claim far ahead.
  std::vector<std::string> calls(200, "short");
  JobId last;
  for (const Creation& each : client().enqueue_all(note, calls)) last = each;
  rest(last);
  const JobId holder = client().enqueue_raw("hold", "[]");
  ASSERT_TRUE(began.wait());
  const JobId waiting = client().enqueue(note, "waiting");
  start(handlers, options);
  EXPECT_EQ(rest(waiting), "Succeeded");
  EXPECT_EQ(details(holder).state, "Processing");
  go_on.open();
  EXPECT_EQ(rest(holder), "Succeeded");
}

}  // namespace
}  // namespace portfire::scenarios::flow_test
