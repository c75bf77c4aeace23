// Locks with a lease and a fence.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;

void keep_locks() {}

TEST_P(Locks, AFreeLockIsTaken) {
  const std::optional<LockGrant> grant = coordination().acquire_lock("nightly", "me", 1min);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->name, "nightly");
  EXPECT_EQ(grant->owner, "me");
  EXPECT_GT(grant->fence, 0U);
}

TEST_P(Locks, AHeldLockIsNotTakenByAnotherOwner) {
  ASSERT_TRUE(coordination().acquire_lock("nightly", "me", 1min));
  EXPECT_FALSE(coordination().acquire_lock("nightly", "you", 1min));
  EXPECT_TRUE(coordination().acquire_lock("daily", "you", 1min)) << "names are apart";
}

TEST_P(Locks, TheHolderGetsANewLeaseUnderTheSameFence) {
  const auto first = coordination().acquire_lock("nightly", "me", 10min);
  advance(8min);
  const auto second = coordination().acquire_lock("nightly", "me", 10min);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->fence, first->fence);
  advance(8min);
  EXPECT_FALSE(coordination().acquire_lock("nightly", "you", 1min));
}

TEST_P(Locks, ALapsedLockIsTakenUnderAHigherFence) {
  const auto mine = coordination().acquire_lock("nightly", "me", 1min);
  advance(1h);
  const auto yours = coordination().acquire_lock("nightly", "you", 1min);
  ASSERT_TRUE(mine && yours);
  EXPECT_GT(yours->fence, mine->fence);
}

TEST_P(Locks, ALapsedLockTakenByItsFormerOwnerIsANewAcquisition) {
  const auto before = coordination().acquire_lock("nightly", "me", 1min);
  advance(1h);
  const auto after = coordination().acquire_lock("nightly", "me", 1min);
  ASSERT_TRUE(before && after);
  EXPECT_GT(after->fence, before->fence);
}

TEST_P(Locks, RenewingProlongsTheLease) {
  const auto grant = coordination().acquire_lock("nightly", "me", 10min);
  ASSERT_TRUE(grant);
  advance(8min);
  EXPECT_TRUE(coordination().renew_lock(*grant, 10min));
  advance(8min);
  EXPECT_FALSE(coordination().acquire_lock("nightly", "you", 1min));
  EXPECT_TRUE(coordination().renew_lock(*grant, 10min));
}

TEST_P(Locks, ALapsedLockCannotBeRenewed) {
  const auto grant = coordination().acquire_lock("nightly", "me", 1min);
  ASSERT_TRUE(grant);
  advance(1h);
  EXPECT_FALSE(coordination().renew_lock(*grant, 1min));
  EXPECT_TRUE(coordination().acquire_lock("nightly", "you", 1min));
}

TEST_P(Locks, ALockThatSomebodyElseHoldsNowCannotBeRenewed) {
  const auto mine = coordination().acquire_lock("nightly", "me", 1min);
  advance(1h);
  const auto yours = coordination().acquire_lock("nightly", "you", 1min);
  ASSERT_TRUE(mine && yours);
  EXPECT_FALSE(coordination().renew_lock(*mine, 1h));
  EXPECT_TRUE(coordination().renew_lock(*yours, 1h));
}

TEST_P(Locks, AReleasedLockIsFree) {
  const auto mine = coordination().acquire_lock("nightly", "me", 1h);
  ASSERT_TRUE(mine);
  coordination().release_lock(*mine);
  EXPECT_FALSE(coordination().renew_lock(*mine, 1h));
  const auto yours = coordination().acquire_lock("nightly", "you", 1h);
  ASSERT_TRUE(yours);
  EXPECT_GT(yours->fence, mine->fence) << "the fence grows over releases";
}

TEST_P(Locks, ReleasingALockThatIsNoLongerHeldDoesNothing) {
  const auto mine = coordination().acquire_lock("nightly", "me", 1min);
  advance(1h);
  const auto yours = coordination().acquire_lock("nightly", "you", 1h);
  ASSERT_TRUE(mine && yours);
  coordination().release_lock(*mine);
  EXPECT_FALSE(coordination().acquire_lock("nightly", "me", 1min));
  EXPECT_TRUE(coordination().renew_lock(*yours, 1h));
  coordination().release_lock({.name = "never taken", .owner = "me", .fence = 1});
}

TEST_P(Locks, TheSameOwnersFormerGrantDoesNotFreeItsNewOne) {
  const auto former = coordination().acquire_lock("nightly", "me", 1min);
  advance(1h);
  const auto present = coordination().acquire_lock("nightly", "me", 1h);
  ASSERT_TRUE(former && present);
  coordination().release_lock(*former);
  EXPECT_FALSE(coordination().renew_lock(*former, 1h));
  EXPECT_FALSE(coordination().acquire_lock("nightly", "you", 1min));
}

TEST_P(Locks, NamesMayBeLong) {
  const std::string name(200, 'n');
  EXPECT_TRUE(coordination().acquire_lock(name, "me", 1min));
  EXPECT_FALSE(coordination().acquire_lock(name, "you", 1min));
  EXPECT_TRUE(coordination().acquire_lock("n", "you", 1min));
}

}  // namespace portfire::conformance
