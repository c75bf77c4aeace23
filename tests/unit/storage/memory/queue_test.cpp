#include "storage/memory/queue.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace portfire::memory {
namespace {

using Slots = std::vector<Slot>;

template <class Reader>
Slots read(Reader reader) {
  Slots slots;
  for (; !reader.done(); reader.next()) slots.push_back(reader.slot());
  return slots;
}

TEST(PriorityLine, HigherPriorityFirstThenOlderPosition) {
  PriorityLine line;
  line.insert({0, 1}, 1);
  line.insert({5, 2}, 2);
  line.insert({-5, 3}, 3);
  line.insert({5, 4}, 4);
  EXPECT_EQ(read(PriorityLine::Reader{line}), (Slots{2, 4, 1, 3}));
}

TEST(PriorityLine, ReadsOnBehindATurnThatIsGone) {
  PriorityLine line;
  line.insert({5, 1}, 1);
  line.insert({5, 2}, 2);
  line.insert({0, 3}, 3);
  line.remove({5, 2});
  EXPECT_EQ(read(PriorityLine::Reader{line, Turn{5, 1}}), (Slots{3}));
  EXPECT_EQ(read(PriorityLine::Reader{line, Turn{5, 0}}), (Slots{1, 3}));
  EXPECT_EQ(read(PriorityLine::Reader{line, Turn{3, 9}}), (Slots{3}));
  EXPECT_EQ(read(PriorityLine::Reader{line, Turn{0, 3}}), Slots{});
  EXPECT_EQ(read(PriorityLine::Reader{line, Turn{-1, 0}}), Slots{});
}

TEST(PriorityLine, EmptyLevelsAreSteppedOver) {
  PriorityLine line;
  line.insert({9, 1}, 1);
  line.insert({0, 2}, 2);
  line.remove({9, 1});
  EXPECT_FALSE(line.empty());
  EXPECT_EQ(read(PriorityLine::Reader{line}), (Slots{2}));
  line.remove({0, 2});
  EXPECT_TRUE(line.empty());
  EXPECT_TRUE(PriorityLine::Reader{line}.done());
}

TEST(Queue, ReadsAllLanesInOneOrder) {
  const std::string rare = "rare";
  Queue queue{"default"};
  queue.join({0, 1}, 1, false, nullptr);
  queue.join({0, 2}, 2, true, nullptr);
  queue.join({0, 3}, 3, false, &rare);
  queue.join({7, 4}, 4, true, &rare);
  EXPECT_EQ(read(queue.read()), (Slots{4, 1, 2, 3}));
  EXPECT_EQ(read(queue.read(Turn{0, 1})), (Slots{2, 3}));
  EXPECT_EQ(queue.ready, 4U);
  EXPECT_EQ(queue.no_handler, 2U);

  queue.leave({0, 3}, false, &rare);
  queue.leave({7, 4}, true, &rare);
  EXPECT_TRUE(queue.named.empty());
  EXPECT_EQ(queue.ready, 2U);
  EXPECT_EQ(queue.no_handler, 0U);
}

}  // namespace
}  // namespace portfire::memory
