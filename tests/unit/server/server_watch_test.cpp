#include "server/server_watch.hpp"

#include <gtest/gtest.h>

namespace portfire::server::server_watch_test {
namespace {

using namespace std::chrono_literals;

constexpr ServerId self{1, 1};
constexpr ServerId other{2, 2};

class ServerWatchTest : public ::testing::Test {
 protected:
  // What a read at this second, with the other server's number, says.
  bool dead_at(int second, std::uint64_t number) {
    return observe(second, {{.id = self, .number = 9, .lease = 30s},
                            {.id = other, .number = number, .lease = 30s}});
  }
  bool observe(int second, const std::vector<ServerBeat>& beats) {
    const SteadyPoint now{std::chrono::seconds{second}};
    const auto dead = watch_.observe(beats, self, now, now);
    return dead == std::vector{other};
  }

  ServerWatch watch_{10s};
};

TEST_F(ServerWatchTest, ANumberThatStandsStillForAWholeLeaseIsDeath) {
  for (const int second : {100, 105, 110, 115, 120, 125, 129}) EXPECT_FALSE(dead_at(second, 7));
  EXPECT_TRUE(dead_at(130, 7));
}

// The server may have been heard while the answer was on its way.
TEST_F(ServerWatchTest, ASlowAnswerProvesNothingOfTheTimeThatItTook) {
  for (const int second : {100, 110, 120}) dead_at(second, 7);
  const std::vector<ServerBeat> beats{{.id = other, .number = 7, .lease = 30s}};
  const auto at = [](int second) { return SteadyPoint{std::chrono::seconds{second}}; };
  EXPECT_TRUE(watch_.observe(beats, self, at(129), at(130)).empty());
  EXPECT_FALSE(watch_.observe(beats, self, at(130), at(131)).empty());
}

TEST_F(ServerWatchTest, EveryNewNumberBeginsTheLeaseAnew) {
  for (const int second : {100, 110, 120}) dead_at(second, 7);
  EXPECT_FALSE(dead_at(129, 8));
  for (const int second : {135, 145, 155}) EXPECT_FALSE(dead_at(second, 8));
  EXPECT_TRUE(dead_at(159, 8));
}

TEST_F(ServerWatchTest, ANumberThatGoesBackIsAlsoNews) {
  for (const int second : {100, 110, 120}) dead_at(second, 7);
  EXPECT_FALSE(dead_at(130, 1));
}

TEST_F(ServerWatchTest, AGapInTheOwnReadsProvesNothing) {
  dead_at(100, 7);
  EXPECT_FALSE(dead_at(111, 7)) << "11 s without a read";
  for (const int second : {120, 130, 140}) EXPECT_FALSE(dead_at(second, 7));
  EXPECT_TRUE(dead_at(141, 7));
}

TEST_F(ServerWatchTest, AServerIsNeverDeadAtFirstSight) { EXPECT_FALSE(dead_at(100'000, 7)); }

TEST_F(ServerWatchTest, OneselfIsNeverDead) {
  const std::vector<ServerBeat> beats = {{.id = self, .number = 9, .lease = 1s}};
  for (int second = 100; second < 200; second += 5) {
    const SteadyPoint now{std::chrono::seconds{second}};
    EXPECT_TRUE(watch_.observe(beats, self, now, now).empty());
  }
  EXPECT_EQ(watch_.next_expiry(), std::nullopt);
}

TEST_F(ServerWatchTest, EachServerIsJudgedByItsOwnLease) {
  for (int second = 100; second < 105; ++second) {
    EXPECT_FALSE(observe(second, {{.id = other, .number = 7, .lease = 5s},
                                  {.id = {3, 3}, .number = 7, .lease = 60s}}));
  }
  EXPECT_TRUE(observe(
      105, {{.id = other, .number = 7, .lease = 5s}, {.id = {3, 3}, .number = 7, .lease = 60s}}));
}

TEST_F(ServerWatchTest, AServerThatWasAwayIsNewWhenItComesBack) {
  for (const int second : {100, 110, 120}) dead_at(second, 7);
  EXPECT_FALSE(observe(125, {}));
  EXPECT_FALSE(dead_at(130, 7));
}

TEST_F(ServerWatchTest, TheNextExpiryIsTheEarliest) {
  EXPECT_EQ(watch_.next_expiry(), std::nullopt);
  observe(100, {{.id = other, .number = 7, .lease = 30s}, {.id = {3, 3}, .lease = 20s}});
  EXPECT_EQ(watch_.next_expiry(), SteadyPoint{120s});
}

}  // namespace
}  // namespace portfire::server::server_watch_test
