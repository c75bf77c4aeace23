#include "storage/memory/retention.hpp"

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace portfire::memory {
namespace {

using namespace std::chrono_literals;

TimePoint at(int seconds) { return TimePoint{std::chrono::seconds{seconds}}; }

TEST(ExpiryQueue, GivesWhatHasExpiredEarliestFirst) {
  ExpiryQueue queue;
  queue.add({at(30), 1, 1});
  queue.add({at(10), 2, 2});
  queue.add({at(20), 3, 3});
  EXPECT_FALSE(queue.take(at(9)));
  EXPECT_EQ(queue.take(at(20))->slot, 2U);
  EXPECT_EQ(queue.take(at(20))->slot, 3U);
  EXPECT_FALSE(queue.take(at(29)));
}

TEST(ExpiryQueue, ForgetsWhatIsOutdatedWhenThatIsMost) {
  constexpr std::uint64_t count = 4000;
  ExpiryQueue queue;
  std::set<std::uint64_t> alive;
  for (std::uint64_t number = 1; number <= count; ++number) {
    queue.add({at(static_cast<int>(number)), number, 1});
    alive.insert(number);
  }
  std::size_t asked = 0;
  for (std::uint64_t number = 1; number <= count - 2; ++number) {
    alive.erase(number);
    queue.outdate([&](const ExpiryQueue::Entry& entry) {
      ++asked;
      return alive.contains(entry.number);
    });
  }
  EXPECT_GT(asked, 0U);
  EXPECT_LT(asked, 4 * count);
  std::vector<std::uint64_t> left;
  while (const auto entry = queue.take(at(count))) {
    if (alive.contains(entry->number)) left.push_back(entry->number);
  }
  EXPECT_EQ(left, (std::vector<std::uint64_t>{count - 1, count}));
}

TEST(UnitMemory, ForgetsByAge) {
  const UnitId old_unit{0, 1};
  const UnitId young{0, 2};
  const CommitResult::Existing left_out{.requested = JobId{0, 3}, .holder = JobId{0, 4}};
  UnitMemory memory;
  memory.remember(old_unit, at(0), {left_out});
  memory.remember(young, at(10), {});
  memory.remember(UnitId{}, at(10), {});
  EXPECT_TRUE(memory.knows(old_unit));
  EXPECT_EQ(memory.existing(old_unit), (std::vector{left_out}));
  EXPECT_FALSE(memory.knows(UnitId{}));

  memory.forget_before(at(10));
  EXPECT_FALSE(memory.knows(old_unit));
  EXPECT_TRUE(memory.existing(old_unit).empty());
  EXPECT_TRUE(memory.knows(young));
}

}  // namespace
}  // namespace portfire::memory
