#include <portfire/time.hpp>

#include <gtest/gtest.h>

namespace portfire {
namespace {

using namespace std::chrono_literals;

TEST(Time, IsWrittenWithSixDigitsInUtc) {
  const TimePoint instant =
      std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 9h + 5min + 7s + 42us;
  EXPECT_EQ(to_string(instant), "2026-11-21T09:05:07.000042Z");
  EXPECT_EQ(parse_time(to_string(instant)), instant);
  EXPECT_EQ(to_string(TimePoint{-1us}), "1969-12-31T23:59:59.999999Z");
}

TEST(Time, OffsetsFractionsAndSeparatorsAreRead) {
  const TimePoint nine = std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 9h;
  EXPECT_EQ(parse_time("2026-03-01T09:00:00Z"), nine);
  EXPECT_EQ(parse_time("2026-03-01 11:00:00+02:00"), nine);
  EXPECT_EQ(parse_time("2026-03-01t03:30:00.000-05:30"), nine);
  EXPECT_EQ(parse_time("2026-03-01T09:00:00.1234567899Z"), nine + 123456us);
}

TEST(Time, WhatIsNoInstantIsRefused) {
  for (const char* text :
       {"", "2026-03-01", "2026-02-30T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T09:00:00",
        "2026-03-01T09:00:00.Z", "2026-03-01T09:00:00Z ", "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00", "2026-3-1T09:00:00Z", "2026-03-01T09:00:00+2:00"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Time, SpansRoundTrip) {
  for (const Duration span : {Duration{0}, Duration{1}, Duration{1500}, Duration{90s},
                              Duration{26h + 3ms}, Duration{-5min}, Duration{100 * 24h}}) {
    EXPECT_EQ(parse_duration(to_string(span)), span) << to_string(span);
  }
  EXPECT_EQ(to_string(Duration{90min}), "1h30m");
  EXPECT_EQ(to_string(Duration{1500}), "1ms500us");
}

TEST(Time, WhatIsNoSpanIsRefused) {
  for (const char* text :
       {"", "5", "s", "5x", "5s-3s", "99999999999999999999s", "9999999999999d", "1.5h", " 5s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace portfire
