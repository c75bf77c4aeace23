// What a handler knows, says and gives is the same in a process of its own.

#include <signal.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "isolation/jobs.hpp"

namespace portfire::isolation_tests {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class InChild : public Isolated {
 protected:
  InChild() {
    ServerOptions options = isolating();
    options.children.kill_after = 1h;
    start(handlers(), options);
  }
};
PORTFIRE_SCENARIOS(InChild);

TEST_P(InChild, ResultsComeThrough) {
  EXPECT_EQ(result(client().enqueue(twice, 21)), 42);
  const std::string text = result<std::string>(client().enqueue_raw("long", "[3000000]"));
  EXPECT_EQ(text, std::string(3'000'000, 'x')) << "large ones too";
  EXPECT_NE(result(client().enqueue(which_process)), getpid());
}

TEST_P(InChild, LargeArgumentsComeThrough) {
  const std::string text(2'000'000, 'y');
  const JobId job = client().enqueue_raw("throw", nlohmann::json{text}.dump());
  EXPECT_EQ(failure(job)["type"], "std::invalid_argument");
}

TEST_P(InChild, WhatIsTooLargeIsRefused) {
  const JobId job = client().enqueue_raw("long", "[70000000]");
  const nlohmann::json data = failure(job);
  EXPECT_EQ(data["type"], "portfire::UsageError");
  EXPECT_THAT(data["message"].get<std::string>(), HasSubstr("cannot exchange"));
  EXPECT_EQ(result(client().enqueue(twice, 1)), 2);
}

TEST_P(InChild, AHandlerKnowsItsJob) {
  const JobId job = client()
                        .with({.queue = "default",
                               .baggage = {{"tenant", "t1"}},
                               .parameters = {{"colour", "blue"}}})
                        .enqueue_raw("know", "[7]");
  EXPECT_EQ(result<Strings>(job), (Strings{"7", to_string(job), "know", "default", "1", "1", "[7]",
                                           "none", "t1", "blue", "0", to_string(JobId{})}));
}

TEST_P(InChild, LinesProgressAndParametersComeThrough) {
  const JobId job = client().enqueue_raw("talk", "[]");
  EXPECT_EQ(rest(job), "Succeeded");
  EXPECT_EQ(details(job).progress, 0.75);
  EXPECT_EQ(client().parameter<int>(job, "kept"), 7);
  const auto lines = storage().monitoring().log(job, 0, 10);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].text, "one");
  EXPECT_EQ(lines[1].text, "two");
  EXPECT_EQ(lines[1].level, ReportLevel::warning);
  EXPECT_EQ(lines[2].text, "broken \xEF\xBF\xBD text");
}

TEST_P(InChild, ExceptionsComeThroughWithTypeAndMessage) {
  nlohmann::json data = failure(client().enqueue_raw("throw", R"(["that was wrong"])"));
  EXPECT_EQ(data["type"], "std::invalid_argument");
  EXPECT_EQ(data["message"], "that was wrong");
  data = failure(client().enqueue_raw("throw_nested", "[]"));
  EXPECT_EQ(data["type"], "std::logic_error");
  EXPECT_EQ(data["message"], "the effect");
  ASSERT_EQ(data["nested"].size(), 1U);
  EXPECT_EQ(data["nested"][0]["type"], "std::out_of_range");
  EXPECT_EQ(data["nested"][0]["message"], "the cause");
  data = failure(client().enqueue_raw("throw_number", "[]"));
  EXPECT_EQ(data["type"], "int");
  data = failure(client().enqueue_raw("throw", "[1]"));
  EXPECT_EQ(data["type"], "portfire::ArgumentError") << "arguments that do not fit";
}

TEST_P(InChild, OutcomesComeThrough) {
  const JobId later = client().with({.attempts = 1}).enqueue_raw("retry", "[]");
  const JobId sleepy = client().enqueue_raw("snooze", "[]");
  const JobId cancelled = client().enqueue_raw("cancel", "[]");
  EXPECT_TRUE(until_state(later, "Scheduled"));
  EXPECT_THAT(details(later).reason, HasSubstr("not now"));
  EXPECT_TRUE(until_state(sleepy, "Scheduled"));
  EXPECT_EQ(details(sleepy).reason, "sleepy");
  EXPECT_EQ(rest(cancelled), "Deleted");
  EXPECT_EQ(details(cancelled).reason, "for nothing");
}

TEST_P(InChild, JobsAreCreatedExactlyWhenTheRunSucceeds) {
  const JobId bad = client().enqueue_raw("create", "[true]");
  EXPECT_EQ(failure(bad)["message"], "after all");
  EXPECT_TRUE(storage().monitoring().list({.name = "twice"}).jobs.empty());
  const JobId good =
      client().with({.baggage = {{"tenant", "t1"}}}).enqueue_raw("create", "[false]");
  EXPECT_EQ(result(good), 4);
  const auto created = storage().monitoring().list({.name = "twice"}).jobs;
  ASSERT_EQ(created.size(), 5U);
  for (const JobSummary& job : created) {
    EXPECT_EQ(rest(job.id), "Succeeded");
    EXPECT_THAT(details(job.id).parameters["portfire.baggage"], HasSubstr("t1"));
  }
  EXPECT_EQ(storage().monitoring().list({.tag = "made"}).jobs.size(), 1U);
}

TEST_P(InChild, ARefusedCreationIsThrownInTheHandler) {
  const nlohmann::json data = failure(client().enqueue_raw("create_badly", "[]"));
  EXPECT_EQ(data["type"], "portfire::UsageError");
  EXPECT_THAT(data["message"].get<std::string>(), HasSubstr("NOT A QUEUE"));
}

TEST_P(InChild, TheResultOfAParentIsRead) {
  const JobId parent = client().enqueue(twice, 5);
  const JobId child = client().continue_raw("parent", "[]", parent);
  EXPECT_EQ(result(child), 10);
  EXPECT_EQ(result(client().enqueue_raw("parent", "[]")), -1);
}

TEST_P(InChild, AStopReachesTheHandlerWithItsReason) {
  const JobId job = client().with({.timeout = 20ms}).enqueue(wait_for_stop);
  EXPECT_EQ(failure(job)["message"], "stopped: timeout");
  EXPECT_EQ(details(job).reason, "Timed out after 20ms: stopped: timeout");
}

TEST_P(InChild, ATransactionOfTheHandlersOwnIsRefused) {
  const nlohmann::json data = failure(client().enqueue_raw("done_by", "[]"));
  EXPECT_EQ(data["type"], "portfire::UsageError");
  EXPECT_THAT(data["message"].get<std::string>(), HasSubstr("done_by"));
}

class Filtered : public Isolated {};
PORTFIRE_SCENARIOS(Filtered);

// Notes what it sees, and of which type.
class Watcher final : public Filter {
 public:
  explicit Watcher(scenarios::Notes& notes) : notes_{notes} {}
  void performing(Performing& performing) override {
    performing.context.set_parameter("colour", std::string{"green"});
    notes_.add("performing in " + std::to_string(getpid()));
  }
  void failed(const Failing& failing) override {
    try {
      std::rethrow_exception(failing.error);
    } catch (const ProcessDied& died) {
      notes_.add("died by " + std::to_string(died.facts().signal.value_or(0)));
    } catch (const ArgumentError& error) {
      notes_.add(std::string{"argument error "} + error.what());
    } catch (const IsolatedError& error) {
      notes_.add(error.type() + " " + error.what());
    }
  }

 private:
  scenarios::Notes& notes_;
};

TEST_P(Filtered, FiltersRunInTheServerAndSeeWhatHappened) {
  scenarios::Notes notes;
  ServerOptions options = isolating();
  options.workers = 1;
  options.filters = {std::make_shared<Watcher>(notes)};
  options.retry = {.attempts = 5};
  start(handlers(), options);
  EXPECT_EQ(result<Strings>(client().enqueue_raw("know", "[7]"))[9], "green");
  failure(client().with({.attempts = 0}).enqueue(die, "abort"));
  failure(client().enqueue_raw("throw_argument_error", "[]"));
  failure(client().with({.attempts = 0}).enqueue_raw("throw", R"(["x"])"));
  const std::string here = "performing in " + std::to_string(getpid());
  EXPECT_THAT(notes.all(),
              ElementsAre(here, here, "died by " + std::to_string(SIGABRT), here,
                          "argument error never any good", here, "std::invalid_argument x"));
  stop_all();
}

}  // namespace
}  // namespace portfire::isolation_tests
