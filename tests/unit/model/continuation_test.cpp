#include "model/continuation.hpp"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace portfire {
namespace {

constexpr std::array endings{Ending::succeeded, Ending::deleted, Ending::other, Ending::failed,
                             Ending::none};

struct Row {
  Condition condition;
  std::array<Verdict, endings.size()> verdicts;
};

constexpr Verdict met = Verdict::met;
constexpr Verdict unmet = Verdict::unmet;
constexpr Verdict waits = Verdict::waits;

// Rule 11 of docs/reference/storage_contract.md, line by line.
constexpr std::array table{
    Row{Condition::succeeded, {met, unmet, unmet, waits, waits}},
    Row{Condition::deleted, {unmet, met, unmet, waits, waits}},
    Row{Condition::failed, {unmet, unmet, unmet, met, waits}},
    Row{Condition::finished, {met, met, met, waits, waits}},
};

TEST(Continuation, EveryConditionAgainstEveryEnding) {
  for (const Row& row : table) {
    for (std::size_t column = 0; column < endings.size(); ++column) {
      EXPECT_EQ(decide(row.condition, endings[column]), row.verdicts[column])
          << "condition " << static_cast<int>(row.condition) << ", ending "
          << static_cast<int>(endings[column]);
    }
  }
}

}  // namespace
}  // namespace portfire
