#include <gtest/gtest.h>

#include "simulation/campaign.hpp"

namespace portfire::simulation {
namespace {

class Simulation : public testing::Test {
 protected:
  static void SetUpTestSuite() { prepare(); }
};

TEST_F(Simulation, TheSameSeedGivesTheSameRun) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Report first = simulate({.seed = seed});
    const Report second = simulate({.seed = seed});
    EXPECT_EQ(first.digest, second.digest) << "seed " << seed;
    EXPECT_EQ(first.steps, second.steps) << "seed " << seed;
  }
}

TEST_F(Simulation, DifferentSeedsGiveDifferentRuns) {
  EXPECT_NE(simulate({.seed = 1}).digest, simulate({.seed = 2}).digest);
}

// What is left of a run that is made smaller is the same run, only less of it.
TEST_F(Simulation, LimitsAreKept) {
  const Report report =
      simulate({.seed = 7, .servers = 1, .clients = 1, .operations = 2, .faults = 3});
  EXPECT_EQ(report.violation, "");
  EXPECT_EQ(report.used.servers, 1);
  EXPECT_EQ(report.used.clients, 1);
  EXPECT_EQ(report.used.operations, 2);
  EXPECT_LE(report.faults, 3U);
}

// Ten thousand seeds, so that each kind of fault has met each part of the library many times.
class TenThousandSeeds : public testing::TestWithParam<std::uint64_t> {
 protected:
  static constexpr std::uint64_t count = 1250;
  static void SetUpTestSuite() { prepare(); }
};

TEST_P(TenThousandSeeds, KeepEveryInvariant) {
  const Campaign campaign = run_seeds({.from = GetParam() * count + 1, .count = count});
  EXPECT_EQ(campaign.failure, "");
  EXPECT_EQ(campaign.seeds, count);
  EXPECT_GT(campaign.accepted, 5 * count);
  for (std::size_t i = 1; i < fault_kinds; ++i) {
    EXPECT_GT(campaign.by_kind[i], 0U) << to_string(static_cast<Fault>(i));
  }
}

INSTANTIATE_TEST_SUITE_P(Simulation, TenThousandSeeds, testing::Range<std::uint64_t>(0, 8));

}  // namespace
}  // namespace portfire::simulation
