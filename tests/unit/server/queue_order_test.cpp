#include "server/queue_order.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/testing/virtual_clock.hpp>

namespace portfire::server {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const auto any = [](std::size_t) { return true; };

TEST(QueueOrderTest, WithoutWeightsTheFirstThatQualifiesHasItsTurn) {
  testing::VirtualClock clock;
  const QueueOrder order{{"a", "b", "c"}};
  EXPECT_EQ(order.pick(clock, any), 0U);
  EXPECT_EQ(order.pick(clock, [](std::size_t i) { return i > 0; }), 1U);
  EXPECT_EQ(order.pick(clock, [](std::size_t) { return false; }), 3U);
  EXPECT_THAT(order.draw(clock), ElementsAre("a", "b", "c"));
}

TEST(QueueOrderTest, TurnsAreInProportionToTheWeights) {
  testing::VirtualClock clock;
  const QueueOrder order{{"a", "b", "c"}, {{"a", 6}, {"b", 3}}};
  std::map<std::string, int> first;
  constexpr int draws = 10'000;
  for (int i = 0; i < draws; ++i) {
    const auto drawn = order.draw(clock);
    ASSERT_THAT(drawn, UnorderedElementsAre("a", "b", "c"));
    ++first[drawn.front()];
  }
  EXPECT_NEAR(first["a"], draws * 0.6, draws * 0.05);
  EXPECT_NEAR(first["b"], draws * 0.3, draws * 0.05);
  EXPECT_NEAR(first["c"], draws * 0.1, draws * 0.05);
}

TEST(QueueOrderTest, OneThatDoesNotQualifyLosesItsTurn) {
  testing::VirtualClock clock;
  const QueueOrder order{{"a", "b"}, {{"a", 1000}}};
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(order.pick(clock, [](std::size_t position) { return position == 1; }), 1U);
  }
  EXPECT_EQ(order.pick(clock, [](std::size_t) { return false; }), 2U);
}

}  // namespace
}  // namespace portfire::server
