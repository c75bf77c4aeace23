// The table of rule 11: what each ending of a parent means to each condition.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::moving;

void keep_continuation_table() {}

namespace {

// A state with that ending.
State parent_state(Ending ending) {
  switch (ending) {
    case Ending::succeeded: return states::succeeded();
    case Ending::deleted: return states::deleted();
    case Ending::failed: return states::failed();
    case Ending::other: return custom_state("Superseded", StateKind::final, Ending::other);
    case Ending::none: break;
  }
  return states::scheduled(1h);
}

constexpr const char* met = "Enqueued";
constexpr const char* unmet = "Deleted";
constexpr const char* waits = "Awaiting";

struct Row {
  Condition condition;
  std::vector<std::pair<Ending, std::string>> outcomes;
};

Row succeeded_row() {
  return {Condition::succeeded,
          {{Ending::succeeded, met},
           {Ending::deleted, unmet},
           {Ending::other, unmet},
           {Ending::failed, waits},
           {Ending::none, waits}}};
}
Row deleted_row() {
  return {Condition::deleted,
          {{Ending::succeeded, unmet},
           {Ending::deleted, met},
           {Ending::other, unmet},
           {Ending::failed, waits},
           {Ending::none, waits}}};
}
Row failed_row() {
  return {Condition::failed,
          {{Ending::succeeded, unmet},
           {Ending::deleted, unmet},
           {Ending::other, unmet},
           {Ending::failed, met},
           {Ending::none, waits}}};
}
Row finished_row() {
  return {Condition::finished,
          {{Ending::succeeded, met},
           {Ending::deleted, met},
           {Ending::other, met},
           {Ending::failed, waits},
           {Ending::none, waits}}};
}

}  // namespace

// The two roads to each cell: the parent ends first, or the child is there first.
#define PORTFIRE_CONFORMANCE_ROW(name, row)                                        \
  TEST_P(ContinuationTable, A##name##ChildOfAParentThatHasAlreadyEnded) {          \
    for (const auto& [ending, expected] : row().outcomes) {                        \
      SCOPED_TRACE(to_string(ending));                                             \
      const JobId parent = create(job().state(parent_state(ending)));              \
      EXPECT_EQ(state_of(create(job().after(parent, row().condition))), expected); \
    }                                                                              \
  }                                                                                \
  TEST_P(ContinuationTable, A##name##ChildOfAParentThatEndsLater) {                \
    for (const auto& [ending, expected] : row().outcomes) {                        \
      SCOPED_TRACE(to_string(ending));                                             \
      const JobId parent = create(job());                                          \
      const JobId child = create(job().after(parent, row().condition));            \
      ASSERT_EQ(state_of(child), waits);                                           \
      move(parent, parent_state(ending));                                          \
      EXPECT_EQ(state_of(child), expected);                                        \
    }                                                                              \
  }                                                                                \
  static_assert(true)

PORTFIRE_CONFORMANCE_ROW(Succeeded, succeeded_row);
PORTFIRE_CONFORMANCE_ROW(Deleted, deleted_row);
PORTFIRE_CONFORMANCE_ROW(Failed, failed_row);
PORTFIRE_CONFORMANCE_ROW(Finished, finished_row);

TEST_P(ContinuationTable, AnEndingCountsWhateverTheKindOfItsState) {
  const JobId parent = create(job());
  const JobId child = create(job().after(parent));
  move(parent, custom_state("Good enough", StateKind::parked, Ending::succeeded));
  EXPECT_EQ(state_of(child), "Enqueued");
}

TEST_P(ContinuationTable, AnEndingCountsWhateverTheNameOfItsState) {
  const JobId parent = create(job());
  const JobId child = create(job().after(parent));
  move(parent, custom_state("Succeeded", StateKind::parked, Ending::none));
  EXPECT_EQ(state_of(child), "Awaiting");
}

TEST_P(ContinuationTable, AnExecutionThatEndsDecidesLikeAnyOtherChange) {
  for (const auto& [ending, expected] : finished_row().outcomes) {
    SCOPED_TRACE(to_string(ending));
    const JobId parent = create(job().queue("parents"));
    const JobId child = create(job().after(parent, Condition::finished));
    ASSERT_EQ(finish(claim_one("parents"), parent_state(ending)).status, CommitStatus::applied);
    EXPECT_EQ(state_of(child), expected);
  }
}

}  // namespace portfire::conformance
