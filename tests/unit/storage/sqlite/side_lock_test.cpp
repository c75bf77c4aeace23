#include "storage/sqlite/side_lock.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include <portfire/error.hpp>

#include "support/temporary_directory.hpp"

namespace portfire::sqlite {
namespace {

class SideLockTest : public ::testing::Test {
 protected:
  std::filesystem::path database() { return directory_.path() / "jobs.db"; }

 private:
  TemporaryDirectory directory_;
};

TEST_F(SideLockTest, OneAtATimeHasTheTurn) {
  constexpr int turns_each = 500;
  int shared = 0;  // a race, and wrong in the end, if two had the turn at once
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      SideLock lock{database()};
      for (int turn = 0; turn < turns_each; ++turn) {
        const Turn mine{lock};
        shared = shared + 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(shared, 3 * turns_each);
}

TEST_F(SideLockTest, WhoeverListensHearsTheOthers) {
  SideLock listener{database()};
  SideLock other{database()};
  listener.listen();
  EXPECT_FALSE(listener.told_by_others());
  other.tell_others();
  EXPECT_TRUE(listener.told_by_others());
  EXPECT_FALSE(listener.told_by_others());
}

TEST_F(SideLockTest, NobodyHearsHimself) {
  SideLock listener{database()};
  SideLock other{database()};
  listener.listen();
  other.listen();
  listener.tell_others();
  EXPECT_FALSE(listener.told_by_others());
  EXPECT_TRUE(other.told_by_others());
}

TEST_F(SideLockTest, NothingIsWrittenWhereNobodyListens) {
  SideLock lock{database()};
  SideLock other{database()};
  lock.listen();
  lock.tell_others();
  EXPECT_EQ(std::filesystem::file_size(lock.wakeup_file()), 0U);
}

TEST_F(SideLockTest, AListenerThatIsGoneIsNotTold) {
  SideLock lock{database()};
  {
    SideLock listener{database()};
    listener.listen();
  }
  lock.tell_others();
  EXPECT_EQ(std::filesystem::file_size(lock.wakeup_file()), 0U);
}

TEST_F(SideLockTest, NeedsADirectory) {
  EXPECT_THROW(SideLock{database() / "nowhere" / "jobs.db"}, StorageError);
}

}  // namespace
}  // namespace portfire::sqlite
