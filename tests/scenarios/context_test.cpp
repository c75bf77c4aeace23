// What handlers know and can do, and how they are told to stop.

#include <stdexcept>

#include <gmock/gmock.h>

#include "scenarios/scenario.hpp"

namespace portfire::scenarios {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class InContext : public Scenario {};
PORTFIRE_SCENARIOS(InContext);

constexpr Job<void(std::string)> note{"note"};

TEST_P(InContext, AHandlerKnowsItsJob) {
  Handlers handlers;
  handlers.on("ask", [](int n, Context& context) {
    EXPECT_EQ(n, 7);
    EXPECT_EQ(context.job_name(), "ask");
    EXPECT_EQ(context.queue(), "default");
    EXPECT_EQ(context.arguments(), "[7]");
    EXPECT_EQ(context.attempt(), 1U);
    EXPECT_EQ(context.epoch(), 1U);
    EXPECT_EQ(context.stop_reason(), StopReason::none);
    EXPECT_TRUE(context.parents().empty());
    EXPECT_EQ(context.parent_result<int>(), std::nullopt);
    return to_string(context.job_id());
  });
  start(handlers);
  const JobId id = client().enqueue_raw("ask", "[7]");
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_EQ(client().result<std::string>(id), to_string(id));
}

TEST_P(InContext, ProgressAndLogLinesAreKeptEvenOfShortRuns) {
  Handlers handlers;
  handlers.on("talk", [](Context& context) {
    context.log("one");
    context.progress(0.25);
    context.log("two", ReportLevel::warning);
    context.progress(2.0);
    context.log("broken \xff text");
  });
  start(handlers);
  const JobId id = client().enqueue_raw("talk", "[]");
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_EQ(details(id).progress, 1.0);
  const auto lines = storage().monitoring().log(id, 0, 10);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].text, "one");
  EXPECT_EQ(lines[1].text, "two");
  EXPECT_EQ(lines[1].level, ReportLevel::warning);
  EXPECT_EQ(lines[2].text, "broken \xEF\xBF\xBD text") << "invalid UTF-8 is replaced";
}

TEST_P(InContext, ProgressIsSeenWhileTheJobRuns) {
  Gate seen;
  Handlers handlers;
  handlers.on("long", [&](Context& context) {
    context.log("half");
    context.progress(0.5);
    EXPECT_TRUE(seen.wait());
  });
  start(handlers);
  const JobId id = client().enqueue_raw("long", "[]");
  EXPECT_TRUE(until([&] { return details(id).progress == 0.5; }));
  EXPECT_EQ(storage().monitoring().log(id, 0, 10).size(), 1U);
  seen.open();
  EXPECT_EQ(rest(id), "Succeeded");
}

TEST_P(InContext, ParametersAreReadWrittenAndSurviveFailedRuns) {
  Handlers handlers;
  handlers.on("count", [](Context& context) {
    const int runs = context.parameter<int>("runs").value_or(0) + 1;
    context.set_parameter("runs", runs);
    EXPECT_EQ(context.parameter<int>("runs"), runs);
    EXPECT_EQ(context.parameter<std::string>("tenant"), "acme");
    EXPECT_EQ(context.parameter<std::string>("none"), std::nullopt);
    if (runs < 3) throw std::runtime_error{"again"};
  });
  ServerOptions options = quick();
  options.retry.delays = {0s};
  start(handlers, options);
  const JobId id = client().with({.parameters = {{"tenant", "acme"}}}).enqueue_raw("count", "[]");
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_EQ(client().parameter<int>(id, "runs"), 3);
}

TEST_P(InContext, WhatAHandlerEnqueuesExistsExactlyWhenItSucceeds) {
  Notes notes;
  Handlers handlers;
  handlers.on(note, [&](std::string text) { notes.add(std::move(text)); });
  handlers.on("spawn", [&](bool fails, Context& context) {
    const JobId child = context.client().enqueue(note, fails ? "of a failure" : "of a success");
    EXPECT_TRUE(child);
    EXPECT_FALSE(client().find(child)) << "nothing is stored before the end";
    context.set_parameter("child", to_string(child));
    if (fails) throw std::runtime_error{"no"};
  });
  ServerOptions options = quick();
  options.retry.attempts = 0;
  start(handlers, options);
  const JobId failing = client().enqueue_raw("spawn", "[true]");
  const JobId good = client().enqueue_raw("spawn", "[false]");
  EXPECT_EQ(rest(failing), "Failed");
  EXPECT_EQ(rest(good), "Succeeded");
  const auto child_of = [&](JobId id) {
    return *parse_id<JobId>(*client().parameter<std::string>(id, "child"));
  };
  EXPECT_EQ(rest(child_of(good)), "Succeeded");
  EXPECT_FALSE(client().find(child_of(failing)));
  EXPECT_THAT(notes.all(), ElementsAre("of a success"));
}

TEST_P(InContext, AJobThatEnqueuesAfterAParentThatDoesNotExistFails) {
  Handlers handlers;
  handlers.on("orphan",
              [](Context& context) { context.client().continue_with(note, JobId{1, 2}, "never"); });
  ServerOptions options = quick();
  options.retry.attempts = 0;
  start(handlers, options);
  const JobId id = client().enqueue_raw("orphan", "[]");
  EXPECT_EQ(rest(id), "Failed");
  EXPECT_THAT(details(id).reason, StartsWith("The outcome could not be stored"));
  EXPECT_THAT(details(id).reason, HasSubstr("does not exist"));
}

// A handler that waits for its token, and says why it fired.
struct Waiting {
  Gate began;
  Gate ended;
  std::atomic<StopReason> reason{StopReason::none};

  void operator()(std::stop_token stop, Context& context) {
    began.open();
    Gate never;
    EXPECT_FALSE(never.wait(stop)) << "the token did not fire";
    reason = context.stop_reason();
    ended.open();
    if (reason == StopReason::timeout) throw std::runtime_error{"too slow"};
  }
};

Handlers waiting_handlers(Waiting& waiting) {
  Handlers handlers;
  handlers.on("wait", [&](std::stop_token stop, Context& context) { waiting(stop, context); });
  return handlers;
}

TEST_P(InContext, DeletingARunningJobFiresItsTokenAndItsOutcomeIsRefused) {
  Waiting waiting;
  ServerOptions options = quick();
  options.poll_interval = 1h;  // only the wake-up can tell
  start(waiting_handlers(waiting), options);
  const JobId id = client().enqueue_raw("wait", "[]");
  ASSERT_TRUE(waiting.began.wait());
  const Change change = client().delete_job(id, {.from = "Processing", .reason = "enough"});
  EXPECT_TRUE(change);
  ASSERT_TRUE(waiting.ended.wait());
  EXPECT_EQ(waiting.reason.load(), StopReason::deleted);
  stop_all();
  EXPECT_EQ(details(id).state, "Deleted");
  EXPECT_EQ(details(id).reason, "enough");
  EXPECT_EQ(details(id).stopping_on, std::nullopt);
}

TEST_P(InContext, RequeueingARunningJobRunsItAnewUnderAHigherEpoch) {
  Gate began;
  Gate again;
  std::atomic<std::uint64_t> first_epoch{0};
  Handlers handlers;
  handlers.on("wait", [&](std::stop_token stop, Context& context) {
    if (first_epoch.exchange(context.epoch()) != 0) {
      again.open();
      return std::string{"second"};
    }
    began.open();
    Gate never;
    EXPECT_FALSE(never.wait(stop));
    return std::string{"first"};
  });
  start(handlers);
  const JobId id = client().enqueue_raw("wait", "[]");
  ASSERT_TRUE(began.wait());
  EXPECT_TRUE(client().requeue(id));
  ASSERT_TRUE(again.wait());
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_EQ(client().result<std::string>(id), "second");
  EXPECT_GT(details(id).epoch, 2U);
}

TEST_P(InContext, AJobThatUsesUpItsTimeIsToldAndFails) {
  Waiting waiting;
  ServerOptions options = quick();
  options.retry.attempts = 0;
  start(waiting_handlers(waiting), options);
  const JobId id = client().with({.timeout = 1ms}).enqueue_raw("wait", "[]");
  EXPECT_EQ(rest(id), "Failed");
  EXPECT_EQ(waiting.reason.load(), StopReason::timeout);
  EXPECT_EQ(details(id).reason, "Timed out after 1ms: too slow");
}

TEST_P(InContext, StoppingFiresTokensAfterTheStopTimeoutAndGivesTheJobBack) {
  Waiting waiting;
  std::atomic<int> runs{0};
  Handlers handlers;
  handlers.on("wait", [&](std::stop_token stop, Context& context) {
    EXPECT_EQ(context.attempt(), 1U) << "a run that was given back spends no attempt";
    if (++runs > 1) return;
    waiting(stop, context);
    throw std::runtime_error{"interrupted"};
  });
  start(handlers);
  const JobId id = client().enqueue_raw("wait", "[]");
  ASSERT_TRUE(waiting.began.wait());
  stop_all();
  EXPECT_EQ(waiting.reason.load(), StopReason::shutdown);
  EXPECT_EQ(details(id).state, "Enqueued");
  EXPECT_EQ(details(id).reason, reasons::shutdown);
  EXPECT_EQ(details(id).attempt, 0U);
  start(handlers);
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_FALSE(details(id).suspect);
}

TEST_P(InContext, AJobThatIgnoresItsTokenIsGivenBackAtTheShutdownTimeout) {
  Gate began;
  Gate go_on;
  Handlers handlers;
  handlers.on("stubborn", [&] {
    began.open();
    EXPECT_TRUE(go_on.wait());
  });
  ServerOptions options = quick();
  options.shutdown_timeout = 1ms;
  start(handlers, options);
  const JobId id = client().enqueue_raw("stubborn", "[]");
  const JobId unstarted = client().enqueue_raw("unknown", "[]");
  ASSERT_TRUE(began.wait());
  std::thread stopping{[this] { stop_all(); }};
  EXPECT_TRUE(until_state(id, "Enqueued")) << "given back while its handler still runs";
  go_on.open();
  stopping.join();
  EXPECT_EQ(details(id).state, "Enqueued") << "the outcome of the old epoch is refused";
  EXPECT_EQ(details(id).attempt, 0U);
  EXPECT_EQ(details(unstarted).state, "Enqueued");
  EXPECT_TRUE(storage().monitoring().servers().empty());
}

TEST_P(InContext, JobsThatEndBeforeTheStopTimeoutAreLeftAlone) {
  Gate began;
  Gate go_on;
  std::atomic<bool> told{true};
  Handlers handlers;
  handlers.on("orderly", [&](Context& context) {
    began.open();
    EXPECT_TRUE(go_on.wait());
    told = context.stop_token().stop_requested();
  });
  ServerOptions options = quick();
  options.workers = 1;
  options.stop_timeout = 30s;
  start(handlers, options);
  const JobId id = client().enqueue_raw("orderly", "[]");
  ASSERT_TRUE(began.wait());
  const JobId next = client().enqueue_raw("orderly", "[]");
  std::thread stopping{[this] { stop_all(); }};
  // The server has stopped claiming when what it held unstarted, if anything, is back.
  go_on.open();
  stopping.join();
  EXPECT_EQ(details(id).state, "Succeeded");
  EXPECT_FALSE(told.load());
  EXPECT_NE(details(next).state, "Processing");
}

// What steers running jobs must work to the end: a deletion during the shutdown, too.
TEST_P(InContext, ARunningJobCanStillBeDeletedWhileItsServerStops) {
  Waiting waiting;
  ServerOptions options = quick();
  options.stop_timeout = 30s;
  Server& server = start(waiting_handlers(waiting), options);
  const JobId id = client().enqueue_raw("wait", "[]");
  ASSERT_TRUE(waiting.began.wait());
  std::thread stopping{[&server] { server.stop(); }};
  EXPECT_TRUE(client().delete_job(id));
  ASSERT_TRUE(waiting.ended.wait());
  stopping.join();
  EXPECT_EQ(waiting.reason.load(), StopReason::deleted);
  EXPECT_EQ(details(id).state, "Deleted");
}

}  // namespace
}  // namespace portfire::scenarios
