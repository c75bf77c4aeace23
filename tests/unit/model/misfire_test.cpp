// Which occurrences are made up for.

#include "model/misfire.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portfire::misfire_test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const TimePoint noon = parse_time("2026-03-01T12:00:00Z").value();

class MisfireTest : public ::testing::Test {
 protected:
  Firing fired(Misfire misfire, Duration late, std::size_t most = 100, Duration jitter = {}) {
    return fire(minutely_, Jitter{jitter, "seed"}, {.misfire = misfire, .most_made_up = most}, noon,
                noon + late);
  }

  const Occurrences minutely_{every(1min), TimeZone{}, {}, ""};
};

TEST_F(MisfireTest, OneInTimeIsFiredWhateverThePolicy) {
  for (const Misfire misfire : {Misfire::relaxed, Misfire::strict, Misfire::ignorable}) {
    const Firing firing = fired(misfire, 0s);
    EXPECT_THAT(firing.occurrences, ElementsAre(noon));
    EXPECT_EQ(firing.next, noon + 1min);
  }
}

TEST_F(MisfireTest, RelaxedFiresTheLatestOnceForAll) {
  const Firing firing = fired(Misfire::relaxed, 1h);
  EXPECT_THAT(firing.occurrences, ElementsAre(noon + 60min));
  EXPECT_EQ(firing.next, noon + 61min);
}

TEST_F(MisfireTest, StrictFiresEachInOrder) {
  const Firing firing = fired(Misfire::strict, 3min + 10s);
  EXPECT_THAT(firing.occurrences, ElementsAre(noon, noon + 1min, noon + 2min, noon + 3min));
  EXPECT_EQ(firing.next, noon + 4min);
}

TEST_F(MisfireTest, StrictMakesUpForTheLatestOnes) {
  const Firing firing = fired(Misfire::strict, std::chrono::hours{24 * 365}, 3);
  const TimePoint end = noon + std::chrono::hours{24 * 365};
  EXPECT_THAT(firing.occurrences, ElementsAre(end - 2min, end - 1min, end));
  EXPECT_EQ(firing.next, end + 1min);
}

TEST_F(MisfireTest, IgnorableFiresOnlyWhatIsALittleLate) {
  EXPECT_THAT(fired(Misfire::ignorable, 30s).occurrences, ElementsAre(noon));
  EXPECT_THAT(fired(Misfire::ignorable, 31s).occurrences, IsEmpty());
  EXPECT_THAT(fired(Misfire::ignorable, 60min + 5s).occurrences, ElementsAre(noon + 60min));
  EXPECT_EQ(fired(Misfire::ignorable, 31s).next, noon + 1min);
}

TEST_F(MisfireTest, AnOccurrenceThatTheScheduleNoLongerHasIsFiredAllTheSame) {
  const Firing firing =
      fire(minutely_, Jitter{{}, ""}, {.misfire = Misfire::relaxed}, noon + 7s, noon + 10s);
  EXPECT_THAT(firing.occurrences, ElementsAre(noon + 7s));
  EXPECT_EQ(firing.next, noon + 1min);
}

TEST_F(MisfireTest, AfterTheLastOneThereIsNone) {
  const Occurrences ending{every(1min), TimeZone{}, {.end = noon}, ""};
  const Firing firing = fire(ending, Jitter{{}, ""}, {}, noon, noon + 1h);
  EXPECT_THAT(firing.occurrences, ElementsAre(noon));
  EXPECT_FALSE(firing.next);
}

TEST(JitterTest, PutsOffByLessThanItsLongestAndTheSameEachTime) {
  const Jitter jitter{10min, "digest"};
  std::set<Duration> delays;
  for (int i = 0; i < 1000; ++i) {
    const TimePoint occurrence = noon + i * 1h;
    const Duration delay = jitter.due(occurrence) - occurrence;
    EXPECT_GE(delay, 0s);
    EXPECT_LT(delay, 10min);
    EXPECT_EQ(jitter.due(occurrence), (Jitter{10min, "digest"}.due(occurrence)));
    delays.insert(delay / 60s * 60s);
  }
  EXPECT_THAT(delays, SizeIs(10)) << "every minute has some";
  EXPECT_NE(jitter.due(noon), (Jitter{10min, "other"}.due(noon)));
}

TEST_F(MisfireTest, AnOccurrenceThatIsPutOffHasNotFallenDue) {
  const Jitter jitter{30min, "seed"};
  const TimePoint now = jitter.due(noon);
  const Firing firing =
      fire(minutely_, jitter, {.misfire = Misfire::strict, .most_made_up = 1000}, noon, now);
  ASSERT_THAT(firing.occurrences, ::testing::Not(IsEmpty()));
  EXPECT_EQ(firing.occurrences.front(), noon);
  EXPECT_LE(jitter.due(firing.occurrences.back()), now);
}

}  // namespace
}  // namespace portfire::misfire_test
