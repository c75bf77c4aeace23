#include "storage/memory/line.hpp"

#include <limits>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace portfire::memory {
namespace {

constexpr std::uint64_t end = std::numeric_limits<std::uint64_t>::max();

std::vector<Slot> read(const Line& line, std::uint64_t after = 0) {
  std::vector<Slot> slots;
  line.forwards(after, [&](Slot slot) {
    slots.push_back(slot);
    return true;
  });
  return slots;
}

std::vector<Slot> read_backwards(const Line& line, std::uint64_t before = end) {
  std::vector<Slot> slots;
  line.backwards(before, [&](Slot slot) {
    slots.push_back(slot);
    return true;
  });
  return slots;
}

using Slots = std::vector<Slot>;

TEST(Line, KeepsTheOrderOfNumbersWhateverTheOrderOfJoining) {
  Line line;
  EXPECT_TRUE(line.empty());
  line.insert(20, 2);
  line.insert(30, 3);
  line.insert(10, 1);
  line.insert(25, 4);
  EXPECT_EQ(read(line), (Slots{1, 2, 4, 3}));
  EXPECT_EQ(read_backwards(line), (Slots{3, 4, 2, 1}));
  EXPECT_EQ(line.front().order, 10U);
  EXPECT_EQ(line.size(), 4U);
}

TEST(Line, ReadsBehindAndBeforeAPlaceThatNobodyHasAnyMore) {
  Line line;
  for (Slot slot = 1; slot <= 5; ++slot) line.insert(slot * 10, slot);
  line.remove(30);
  EXPECT_EQ(read(line, 30), (Slots{4, 5}));
  EXPECT_EQ(read(line, 29), (Slots{4, 5}));
  EXPECT_EQ(read_backwards(line, 30), (Slots{2, 1}));
  EXPECT_EQ(read_backwards(line, 31), (Slots{2, 1}));
  EXPECT_EQ(read(line, 50), Slots{});
  EXPECT_EQ(read(line, end), Slots{});
  EXPECT_EQ(read_backwards(line, 10), Slots{});
}

TEST(Line, AJobMayReturnToThePlaceItLeft) {
  Line line;
  for (Slot slot = 1; slot <= 3; ++slot) line.insert(slot, slot);
  line.remove(2);
  EXPECT_EQ(line.size(), 2U);
  line.insert(2, 7);
  EXPECT_EQ(read(line), (Slots{1, 7, 3}));
  EXPECT_EQ(line.size(), 3U);
}

TEST(Line, StopsWhenToldTo) {
  Line line;
  for (Slot slot = 1; slot <= 3; ++slot) line.insert(slot, slot);
  Slot seen = 0;
  EXPECT_FALSE(line.forwards(0, [&](Slot slot) { return seen = slot, slot < 2; }));
  EXPECT_EQ(seen, 2U);
  EXPECT_FALSE(line.backwards(end, [&](Slot slot) { return seen = slot, slot > 2; }));
  EXPECT_EQ(seen, 2U);
}

TEST(Line, AgreesWithAMapUnderRandomOperations) {
  constexpr int steps = 20'000;
  std::mt19937_64 random{20261121};
  Line line;
  std::map<std::uint64_t, Slot> model;
  std::uint64_t last = 0;
  for (int step = 0; step < steps; ++step) {
    // Long phases of growth and of decline, so that rows close up now and then.
    const bool grows = random() % 100 < (step / 2000 % 2 == 0 ? 70U : 30U);
    if (grows) {
      const std::uint64_t order =
          random() % 4 == 0 ? 1 + random() % (last + 1) : last + 1 + random() % 3;
      const Slot slot = static_cast<Slot>(1 + random() % 1000);
      if (model.emplace(order, slot).second) line.insert(order, slot);
      last = std::max(last, order);
    } else if (!model.empty()) {
      auto victim = model.begin();
      if (random() % 2 == 0) victim = model.lower_bound(random() % (last + 1));
      if (victim == model.end()) --victim;
      line.remove(victim->first);
      model.erase(victim);
    }
    ASSERT_EQ(line.size(), model.size()) << "step " << step;
    ASSERT_EQ(line.empty(), model.empty()) << "step " << step;
    if (!model.empty()) {
      ASSERT_EQ(line.front().order, model.begin()->first) << "step " << step;
    }
    if (step % 500 != 0) continue;
    const std::uint64_t after = random() % (last + 1);
    Slots expected;
    for (auto it = model.upper_bound(after); it != model.end(); ++it)
      expected.push_back(it->second);
    ASSERT_EQ(read(line, after), expected) << "step " << step;
  }
}

}  // namespace
}  // namespace portfire::memory
