// Batches on running servers.

#include <gmock/gmock.h>

#include <portfire/batch.hpp>

#include "scenarios/scenario.hpp"

namespace portfire::scenarios::batches_test {
namespace {

using ::testing::ElementsAre;

class BatchScenario : public Scenario {};
PORTFIRE_SCENARIOS(BatchScenario);

constexpr Job<void(std::string)> note{"note"};
constexpr Job<void(int)> spread{"spread"};

// `spread(n)` adds n jobs of its own kind to its batch, each for one less.
Handlers usual(Notes& notes) {
  Handlers handlers;
  handlers.on(note, [&notes](std::string text) { notes.add(std::move(text)); });
  handlers.on(spread, [&notes](int count, Context& context) {
    notes.add("spread");
    auto batch = context.client().with({.batch = context.batch()});
    for (int made = 0; made < count; ++made) batch.enqueue(spread, count - 1);
  });
  return handlers;
}

TEST_P(BatchScenario, ContinuesWhenAllMembersHaveSucceeded) {
  Notes notes;
  JobId last;
  const BatchId batch = client().batch("all", [](Batch& made) {
    for (int i = 0; i < 30; ++i) made.enqueue(note, "member");
  });
  last = client().continue_with(note, batch, "last");
  start(usual(notes));
  EXPECT_EQ(rest(last), "Succeeded");
  EXPECT_EQ(details(batch).state, "BatchSucceeded");
  ASSERT_EQ(notes.all().size(), 31U);
  EXPECT_EQ(notes.all().back(), "last");
}

TEST_P(BatchScenario, GrowsFromWithin) {
  Notes notes;
  const BatchId batch = client().batch("tree", [](Batch& made) { made.enqueue(spread, 3); });
  const JobId last = client().continue_with(note, batch, "last");
  start(usual(notes));
  EXPECT_EQ(rest(last), "Succeeded");
  // 1 + 3 + 3·2 + 3·2·1
  EXPECT_EQ(notes.all().size(), 17U);
  EXPECT_EQ(details(batch).members, (MemberCounts{.total = 16, .outstanding = 0, .succeeded = 16}));
  EXPECT_THAT(history(batch), ElementsAre("BatchStarted", "BatchSucceeded"));
}

TEST_P(BatchScenario, IsCancelledWithAllThatHasNotRun) {
  Notes notes;
  JobId member;
  const BatchId batch = client().batch("later", [&](Batch& made) {
    for (int i = 0; i < 50; ++i) member = made.schedule(note, 1h, "never");
    made.batch("inner", [&](Batch& inner) { member = inner.schedule(note, 1h, "never"); });
  });
  const JobId told = client().continue_with(note, on_deleted(batch), "told");
  start(usual(notes));
  EXPECT_TRUE(client().delete_job(batch));
  EXPECT_EQ(rest(told), "Succeeded");
  EXPECT_EQ(rest(member), "Deleted");
  EXPECT_EQ(details(member).reason, "Its batch was deleted");
  EXPECT_THAT(notes.all(), ElementsAre("told"));
}

}  // namespace
}  // namespace portfire::scenarios::batches_test
