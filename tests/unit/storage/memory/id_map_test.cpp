#include "storage/memory/id_map.hpp"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace portfire::memory {
namespace {

TEST(IdMap, FindsWhatWasAddedAndNothingElse) {
  IdMap<JobId, int> map;
  EXPECT_EQ(map.find(JobId{1, 1}), nullptr);
  EXPECT_TRUE(map.insert(JobId{1, 1}, 11));
  EXPECT_FALSE(map.insert(JobId{1, 1}, 12));
  ASSERT_NE(map.find(JobId{1, 1}), nullptr);
  EXPECT_EQ(*map.find(JobId{1, 1}), 11);
  EXPECT_EQ(map.find(JobId{1, 2}), nullptr);
  EXPECT_EQ(map.find(JobId{2, 1}), nullptr);
  map.erase(JobId{2, 1});
  EXPECT_EQ(map.size(), 1U);
}

TEST(IdMap, NilIsNoKey) {
  IdMap<JobId, int> map;
  EXPECT_FALSE(map.insert(JobId{}, 1));
  map.insert(JobId{1, 1}, 11);
  EXPECT_EQ(map.find(JobId{}), nullptr);
  map.erase(JobId{});
  EXPECT_EQ(map.size(), 1U);
}

// Few distinct ids in a small table: chains wrap round, break and close.
TEST(IdMap, AgreesWithAMapUnderRandomOperations) {
  constexpr int steps = 50'000;
  std::mt19937_64 random{20261121};
  IdMap<JobId, int> map;
  std::map<JobId, int> model;
  for (int step = 0; step < steps; ++step) {
    const JobId id{random() % 2, 1 + random() % 60};
    if (random() % 2 == 0) {
      ASSERT_EQ(map.insert(id, step), model.emplace(id, step).second);
    } else {
      map.erase(id);
      model.erase(id);
    }
    ASSERT_EQ(map.size(), model.size());
    const JobId probe{random() % 2, 1 + random() % 60};
    const auto expected = model.find(probe);
    const int* found = map.find(probe);
    ASSERT_EQ(found != nullptr, expected != model.end()) << "step " << step;
    if (found != nullptr) {
      ASSERT_EQ(*found, expected->second) << "step " << step;
    }
  }
}

TEST(IdMap, KeepsEverythingWhileItGrows) {
  constexpr std::uint64_t count = 10'000;
  IdMap<UnitId, std::uint64_t> map;
  for (std::uint64_t n = 1; n <= count; ++n) map.insert(UnitId{0x7000, n}, n);
  for (std::uint64_t n = 1; n <= count; ++n) {
    ASSERT_NE(map.find(UnitId{0x7000, n}), nullptr);
    ASSERT_EQ(*map.find(UnitId{0x7000, n}), n);
  }
}

}  // namespace
}  // namespace portfire::memory
