// What travels with a job and with all that comes of it.

#include <gmock/gmock.h>

#include <portfire/error.hpp>

#include "scenarios/scenario.hpp"

namespace portfire::scenarios::baggage_test {
namespace {

using ::testing::ElementsAre;
using Baggage = std::map<std::string, std::string>;

class BaggageScenario : public Scenario {};
PORTFIRE_SCENARIOS(BaggageScenario);

constexpr Job<void(int)> pass_on{"pass_on"};

// Notes what it carries, then enqueues itself, one less.
Handlers usual(Notes& notes) {
  Handlers handlers;
  handlers.on(pass_on, [&notes](int left, Context& context) {
    const Baggage baggage = context.baggage();
    const auto text_of = [&](const char* name) {
      const auto found = baggage.find(name);
      return found == baggage.end() ? std::string{"-"} : found->second;
    };
    notes.add(text_of("tenant") + " " + text_of("step"));
    if (left == 0) return;
    context.client()
        .with({.baggage = {{"step", std::to_string(left - 1)}}})
        .enqueue(pass_on, left - 1);
  });
  return handlers;
}

TEST_P(BaggageScenario, TravelsOnAndMayBeChangedOnTheWay) {
  Notes notes;
  start(usual(notes));
  client().with({.baggage = {{"tenant", "acme"}, {"step", "2"}}}).enqueue(pass_on, 2);
  EXPECT_TRUE(until([&] { return notes.all().size() == 3; }));
  EXPECT_THAT(notes.all(), ElementsAre("acme 2", "acme 1", "acme 0"));
}

TEST_P(BaggageScenario, ReachesTheMembersOfBatchesMadeByAHandler) {
  Notes notes;
  Handlers handlers = usual(notes);
  handlers.on("fan_out", [](Context& context) {
    context.client().batch("inner", [](Batch& batch) { batch.enqueue(pass_on, 0); });
  });
  start(handlers);
  client().with({.baggage = {{"tenant", "acme"}}}).enqueue_raw("fan_out", "[]");
  EXPECT_TRUE(until([&] { return !notes.all().empty(); }));
  EXPECT_THAT(notes.all(), ElementsAre("acme -"));
}

TEST_P(BaggageScenario, IsLimited) {
  const Baggage heavy{{"tenant", std::string(9000, 'x')}};
  EXPECT_THROW(client().with({.baggage = heavy}).enqueue(pass_on, 0), UsageError);
}

}  // namespace
}  // namespace portfire::scenarios::baggage_test
