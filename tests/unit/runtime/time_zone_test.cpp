#include <portfire/time_zone.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <portfire/error.hpp>

namespace portfire {
namespace {

using namespace std::chrono_literals;
using std::chrono::local_days;
using std::chrono::sys_days;
using std::chrono::year;

TEST(TimeZone, IsUtcUnlessNamed) {
  const TimeZone utc;
  EXPECT_EQ(utc.name(), "UTC");
  EXPECT_EQ(utc.offset_at(std::chrono::sys_seconds{0s}), 0s);
  EXPECT_EQ(utc.to_string(sys_days{year{2026} / 11 / 21} + 9h), "2026-11-21T09:00:00+00:00");
  EXPECT_EQ(TimeZone{"UTC"}.name(), "UTC");
}

TEST(TimeZone, KnowsOffsetsOfAllTimes) {
  const TimeZone berlin{"Europe/Berlin"};
  EXPECT_EQ(berlin.offset_at(sys_days{year{2026} / 1 / 1}), 1h);
  EXPECT_EQ(berlin.offset_at(sys_days{year{2400} / 7 / 1}), 2h);
  EXPECT_EQ(berlin.offset_at(sys_days{year{9999} / 7 / 1}), 2h);
  EXPECT_EQ(berlin.offset_at(sys_days{year{1} / 7 / 1}), 53min + 28s);
  EXPECT_EQ(berlin.local_at(sys_days{year{2026} / 7 / 1}), local_days{year{2026} / 7 / 1} + 2h);
}

TEST(TimeZone, TellsWhenClocksShowATime) {
  const TimeZone berlin{"Europe/Berlin"};
  const auto noon = berlin.instants_at(local_days{year{2026} / 7 / 1} + 12h);
  EXPECT_EQ(noon.kind, LocalInstants::Kind::unique);
  EXPECT_EQ(noon.first, sys_days{year{2026} / 7 / 1} + 10h);
  const auto gap = berlin.instants_at(local_days{year{2026} / 3 / 29} + 2h + 30min);
  EXPECT_EQ(gap.kind, LocalInstants::Kind::skipped);
  EXPECT_EQ(gap.change, sys_days{year{2026} / 3 / 29} + 1h);
  const auto twice = berlin.instants_at(local_days{year{2026} / 10 / 25} + 2h + 30min);
  EXPECT_EQ(twice.kind, LocalInstants::Kind::repeated);
  EXPECT_EQ(twice.first, sys_days{year{2026} / 10 / 25} + 30min);
  EXPECT_EQ(twice.second, sys_days{year{2026} / 10 / 25} + 90min);
  EXPECT_EQ(twice.change, sys_days{year{2026} / 10 / 25} + 1h);
}

TEST(TimeZone, CutsOffsetsToMinutes) {
  EXPECT_EQ(TimeZone{"Africa/Monrovia"}.to_string(sys_days{year{1960} / 1 / 1}),
            "1959-12-31T23:15:30-00:44");
  EXPECT_EQ(TimeZone{"Europe/Berlin"}.to_string(sys_days{year{1880} / 1 / 1}),
            "1880-01-01T00:53:28+00:53");
  // -00:00 would say that the offset is not known.
  EXPECT_EQ(TimeZone{"America/Danmarkshavn"}.to_string(sys_days{year{2026} / 1 / 1}),
            "2026-01-01T00:00:00+00:00");
  EXPECT_EQ(TimeZone{"Asia/Kathmandu"}.to_string(sys_days{year{2026} / 1 / 1}),
            "2026-01-01T05:45:00+05:45");
  EXPECT_EQ(TimeZone{"America/St_Johns"}.to_string(sys_days{year{2026} / 1 / 1}),
            "2025-12-31T20:30:00-03:30");
}

TEST(TimeZone, RefusesWhatIsNoName) {
  for (const char* name :
       {"", "Europe/Atlantis", "europe/berlin", "/usr/share/zoneinfo/UTC", "../zoneinfo/UTC",
        "Europe", "Fixed/UTC+01:00:00", "file:UTC", "libc:UTC", "localtime", "posixrules",
        "zone.tab", "+01:00", "right/Europe/Berlin", "Europe//Berlin", "Europe/Berlin ",
        "Europe/Berlin\n"}) {
    try {
      const TimeZone zone{name};
      ADD_FAILURE() << name << " is " << zone.name();
    } catch (const UsageError& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("time zone \"" + std::string{name} + '"'));
    }
  }
}

}  // namespace
}  // namespace portfire
