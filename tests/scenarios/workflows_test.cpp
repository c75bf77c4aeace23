// Workflows on running servers.

#include <atomic>

#include <gmock/gmock.h>

#include <portfire/error.hpp>
#include <portfire/workflow.hpp>

#include "scenarios/scenario.hpp"

namespace portfire::scenarios::workflows_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Edge = WorkflowGraph::Edge;

class WorkflowScenario : public Scenario {};
PORTFIRE_SCENARIOS(WorkflowScenario);

constexpr Job<int(int)> square{"square"};
constexpr Job<int(int, int)> difference{"difference"};
constexpr Job<int(std::vector<int>)> sum{"sum"};
constexpr Job<std::string(std::string, int)> join{"join"};
constexpr Job<Outcome(std::string)> measure{"measure"};
constexpr Job<void(std::string)> note{"note"};

Handlers usual(Notes& notes) {
  Handlers handlers;
  handlers.on(square, [](int value) { return value * value; });
  handlers.on(difference, [](int minuend, int subtrahend) { return minuend - subtrahend; });
  handlers.on(sum, [](const std::vector<int>& values) {
    int all = 0;
    for (const int value : values) all += value;
    return all;
  });
  handlers.on(join,
              [](const std::string& text, int value) { return text + std::to_string(value); });
  handlers.on(measure, [](const std::string& text) { return done(static_cast<int>(text.size())); });
  handlers.on(note, [&notes](std::string text) { notes.add(std::move(text)); });
  return handlers;
}

TEST_P(WorkflowScenario, ResultsFlowToWhereTheyAreNamed) {
  Notes notes;
  JobId first;
  JobId last;
  const BatchId workflow = client().workflow("numbers", [&](Workflow& flow) {
    const auto nine = flow.step(square, 3);
    const auto four = flow.step(square, 2);
    const auto five = flow.step(difference, nine, four);
    const auto six = flow.step(measure, "abcdef").as<int>();
    const auto eleven = flow.step(sum, std::vector{five, six});
    first = nine;
    last = flow.step(note, flow.step(join, "eleven: ", eleven));
  });
  start(usual(notes));
  EXPECT_EQ(rest(workflow), "BatchSucceeded");
  EXPECT_EQ(rest(last), "Succeeded");
  EXPECT_EQ(client().result<int>(first), 9);
  EXPECT_THAT(notes.all(), ElementsAre("eleven: 11"));
}

TEST_P(WorkflowScenario, AFailedStepHoldsUpWhatIsBehindItUntilItSucceeds) {
  Notes notes;
  std::atomic<bool> works = false;
  Handlers handlers = usual(notes);
  constexpr Job<int()> fragile{"fragile", {.attempts = 0}};
  handlers.on(fragile, [&works] {
    if (!works) throw std::runtime_error{"not today"};
    return 7;
  });
  JobId broken;
  JobId alarm;
  JobId last;
  const BatchId workflow = client().workflow("repaired", [&](Workflow& flow) {
    const auto seven = flow.step(fragile);
    broken = seven;
    last = flow.step(note, flow.step(join, "", seven));
    alarm = flow.step_after(note, on_failed(seven), "alarm");
  });
  start(handlers);
  EXPECT_EQ(rest(alarm), "Succeeded");
  EXPECT_EQ(details(broken).state, "Failed");
  EXPECT_EQ(details(last).state, "Awaiting");
  works = true;
  EXPECT_TRUE(client().requeue(broken));
  EXPECT_EQ(rest(workflow), "BatchSucceeded");
  EXPECT_THAT(notes.all(), ElementsAre("alarm", "7"));
}

TEST_P(WorkflowScenario, ADeletedStepTakesThoseBehindItAlong) {
  Notes notes;
  JobId first;
  JobId last;
  const BatchId workflow = client().workflow("given up", [&](Workflow& flow) {
    first = flow.step(square, 3);
    last = flow.step(join, "", flow.step(square, Step<int>{first}));
    flow.step_after(note, on_deleted(first), "deleted");
  });
  EXPECT_TRUE(client().delete_job(first));
  start(usual(notes));
  EXPECT_EQ(rest(workflow), "BatchCompleted");
  EXPECT_EQ(details(last).state, "Deleted");
  EXPECT_THAT(notes.all(), ElementsAre("deleted"));
}

TEST_P(WorkflowScenario, AStepMayBeWaitedForInTwoWays) {
  Notes notes;
  JobId last;
  client().workflow("twice", [&](Workflow& flow) {
    const auto nine = flow.step(square, 3);
    last = flow.step_after(square, on_finished(nine), nine);
  });
  start(usual(notes));
  EXPECT_EQ(rest(last), "Succeeded");
  EXPECT_EQ(client().result<int>(last), 81);
}

TEST_P(WorkflowScenario, AResultThatIsNotThereFailsTheStepAndSaysWhy) {
  Notes notes;
  Handlers handlers = usual(notes);
  handlers.on("silent", [] {});
  constexpr Job<int()> silent{"silent"};
  JobId last;
  client().workflow("nothing flows",
                    [&](Workflow& flow) { last = flow.step(square, flow.step(silent)); });
  start(handlers);
  EXPECT_EQ(rest(last), "Failed");
  EXPECT_THAT(details(last).reason, HasSubstr("argument 1 is the result of job "));
  EXPECT_THAT(details(last).reason, HasSubstr("(silent), which has given none"));
}

TEST_P(WorkflowScenario, IsReadBack) {
  JobId one;
  JobId two;
  JobId three;
  const BatchId workflow = client().workflow("drawn", [&](Workflow& flow) {
    one = flow.step(square, 3);
    two = flow.with({.queue = "slow"}).step(difference, Step<int>{one}, Step<int>{one});
    three = flow.step_after(sum, {one}, std::vector{Step<int>{two}});
  });
  const auto graph = read_workflow(storage(), workflow);
  ASSERT_TRUE(graph);
  ASSERT_EQ(graph->steps.size(), 3U);
  EXPECT_EQ(graph->steps[0].id, one);
  EXPECT_EQ(graph->steps[1].queue, "slow");
  EXPECT_THAT(graph->edges, ElementsAre(Edge{one, two, 0}, Edge{one, two, 1},
                                        Edge{one, three, std::nullopt}, Edge{two, three, 0}));
  EXPECT_THAT(to_mermaid(*graph), HasSubstr("s0 -->|argument 2| s1\n"));
  EXPECT_FALSE(read_workflow(storage(), one));
}

}  // namespace
}  // namespace portfire::scenarios::workflows_test
