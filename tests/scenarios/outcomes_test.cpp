// How executions end, and what becomes of the job.

#include <stdexcept>

#include <gmock/gmock.h>

#include "scenarios/scenario.hpp"

namespace portfire::scenarios::outcomes_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Outcomes : public Scenario {};
PORTFIRE_SCENARIOS(Outcomes);

inline constexpr Job<int(int, int)> sum{"sum"};
inline constexpr Job<void(int)> work{"work"};

TEST_P(Outcomes, AJobRunsAndItsResultIsKept) {
  Handlers handlers;
  handlers.on(sum, [](int a, int b) { return a + b; });
  start(handlers);
  const JobId id = client().enqueue(sum, 2, 40);
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_EQ(client().result<int>(id), 42);
  EXPECT_THAT(history(id), ElementsAre("Enqueued", "Processing", "Succeeded"));
  EXPECT_TRUE(details(id).duration.has_value());
}

TEST_P(Outcomes, ManyJobsRunEachOnce) {
  std::atomic<int> runs{0};
  Handlers handlers;
  handlers.on(work, [&](int) { ++runs; });
  std::vector<int> calls(2000, 7);
  const auto created = client().enqueue_all(work, calls);
  start(handlers);
  for (const Creation& each : created) ASSERT_EQ(rest(each), "Succeeded");
  EXPECT_EQ(runs.load(), 2000);
}

TEST_P(Outcomes, FailuresAreRetriedUntilOneRunSucceeds) {
  Handlers handlers;
  handlers.on(work, [](int, Context& context) {
    if (context.attempt() < 3) throw std::runtime_error{"not yet"};
  });
  ServerOptions options = quick();
  options.retry.delays = {0s};
  start(handlers, options);
  const JobId id = client().enqueue(work, 1);
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_THAT(history(id),
              ElementsAre("Enqueued", "Processing", "[Failed]", "Enqueued", "Processing",
                          "[Failed]", "Enqueued", "Processing", "Succeeded"));
  EXPECT_EQ(details(id).attempt, 2U);
  EXPECT_EQ(details(id).history[3].reason, "Retry 1 of 10: not yet");
}

TEST_P(Outcomes, AfterTheLastRetryTheJobIsFailedWithTheException) {
  Handlers handlers;
  handlers.on(work, [](int) { throw std::runtime_error{"never"}; });
  ServerOptions options = quick();
  options.retry = {.attempts = 1, .delays = {1ms}};
  start(handlers, options);
  const JobId id = client().enqueue(work, 1);
  EXPECT_EQ(rest(id), "Failed");
  EXPECT_THAT(history(id), ElementsAre("Enqueued", "Processing", "[Failed]", "Scheduled",
                                       "Enqueued", "Processing", "Failed"));
  EXPECT_EQ(details(id).reason, "never");
  EXPECT_EQ(details(id).data, R"({"message":"never","type":"std::runtime_error"})");
}

TEST_P(Outcomes, AJobsOwnAttemptsTakePrecedence) {
  std::atomic<int> runs{0};
  Handlers handlers;
  handlers.on(work, [&](int) {
    ++runs;
    throw std::runtime_error{"never"};
  });
  ServerOptions options = quick();
  options.retry.delays = {0s};
  start(handlers, options);
  const JobId id = client().with({.attempts = 2}).enqueue(work, 1);
  EXPECT_EQ(rest(id), "Failed");
  EXPECT_EQ(runs.load(), 3);
}

TEST_P(Outcomes, ArgumentsThatDoNotDecodeFailAtOnceWithTheReason) {
  Handlers handlers;
  handlers.on(work, [](int) {});
  start(handlers);
  const JobId id = client().enqueue_raw("work", R"(["seven"])");
  EXPECT_EQ(rest(id), "Failed");
  EXPECT_THAT(details(id).reason, HasSubstr("argument 1 must be an integer"));
  EXPECT_THAT(history(id), ElementsAre("Enqueued", "Processing", "Failed"));
}

TEST_P(Outcomes, AHandlerMayAskForItsOwnRetry) {
  Handlers handlers;
  handlers.on(work, [](int, Context& context) -> Outcome {
    return context.attempt() == 1 ? retry_in(1ms, "busy") : done(std::string{"ok"});
  });
  start(handlers);
  const JobId id = client().enqueue(work, 1);
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_THAT(history(id), ElementsAre("Enqueued", "Processing", "[Failed]", "Scheduled",
                                       "Enqueued", "Processing", "Succeeded"));
  EXPECT_EQ(client().result<std::string>(id), "ok");
  EXPECT_EQ(details(id).attempt, 1U);
}

TEST_P(Outcomes, SnoozingSpendsNoAttempt) {
  std::atomic<int> runs{0};
  Handlers handlers;
  handlers.on(work, [&](int, Context& context) -> Outcome {
    EXPECT_EQ(context.attempt(), 1U);
    return ++runs < 3 ? snooze(1ms, "later") : done();
  });
  ServerOptions options = quick();
  options.retry.attempts = 0;
  start(handlers, options);
  const JobId id = client().enqueue(work, 1);
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_EQ(runs.load(), 3);
  EXPECT_EQ(details(id).attempt, 0U);
  EXPECT_EQ(details(id).history[2].reason, "later");
}

TEST_P(Outcomes, AHandlerMayCancelItsJob) {
  Handlers handlers;
  handlers.on(work, [](int) -> Outcome { return cancel("nobody wants it"); });
  start(handlers);
  const JobId id = client().enqueue(work, 1);
  EXPECT_EQ(rest(id), "Deleted");
  EXPECT_EQ(details(id).reason, "nobody wants it");
}

TEST_P(Outcomes, AJobThatComesTooLateIsNotRun) {
  Handlers handlers;
  handlers.on(work, [](int n) { return n; });
  const JobId late = client().with({.start_within = 5min}).enqueue(work, 1);
  const JobId patient = client().with({.start_within = 15min}).enqueue(work, 1);
  advance(10min);
  const JobId fresh = client().with({.start_within = 5min}).enqueue(work, 1);
  start(handlers);
  EXPECT_EQ(rest(late), "Deleted");
  EXPECT_THAT(details(late).reason, StartsWith("It was to start within 5m, but waited 10m"));
  EXPECT_THAT(history(late), ElementsAre("Enqueued", "Processing", "Deleted"));
  EXPECT_EQ(rest(patient), "Succeeded");
  EXPECT_EQ(rest(fresh), "Succeeded");
}

TEST_P(Outcomes, AnExceptionOfAnyTypeIsAFailure) {
  Handlers handlers;
  handlers.on(work, [](int) { throw 7; });
  ServerOptions options = quick();
  options.automatic_retry = false;
  start(handlers, options);
  const JobId id = client().enqueue(work, 1);
  EXPECT_EQ(rest(id), "Failed");
  EXPECT_EQ(details(id).reason, "int");
}

TEST_P(Outcomes, FinalStatesAreKeptForTheirRetentionAndThenRemoved) {
  Handlers handlers;
  handlers.on(work, [](int n) {
    if (n < 0) throw std::runtime_error{"negative"};
  });
  ServerOptions options = quick();
  options.automatic_retry = false;
  options.retention = 10min;
  start(handlers, options);
  const JobId usual = client().enqueue(work, 1);
  const JobId longer = client().with({.retention = 20min}).enqueue(work, 1);
  const JobId failed = client().enqueue(work, -1);
  for (const JobId id : {usual, longer, failed}) rest(id);
  advance(11min);
  stop_all();
  start(handlers, options);
  EXPECT_TRUE(until([&] { return !client().find(usual); }));
  EXPECT_EQ(details(longer).state, "Succeeded");
  EXPECT_EQ(details(failed).state, "Failed");
}

TEST_P(Outcomes, StatisticsCountWhatWasCreatedAndHowItEnded) {
  Handlers handlers;
  handlers.on(work, [](int n) {
    if (n < 0) throw std::runtime_error{"negative"};
  });
  ServerOptions options = quick();
  options.retry.attempts = 0;
  start(handlers, options);
  for (const int n : {1, 2, -3}) rest(client().enqueue(work, n));
  const JobId waiting = client().schedule(work, 1h, 4);
  client().delete_job(waiting);
  const Statistics statistics = storage().monitoring().statistics();
  EXPECT_EQ(statistics.lifetime.at("Created"), 4U);
  EXPECT_EQ(statistics.lifetime.at("Succeeded"), 2U);
  EXPECT_EQ(statistics.lifetime.at("Failed"), 1U);
  EXPECT_EQ(statistics.lifetime.at("Deleted"), 1U);
}

}  // namespace
}  // namespace portfire::scenarios::outcomes_test
