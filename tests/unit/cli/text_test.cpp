// Values as people write and read them.

#include "cli/text.hpp"

#include <gtest/gtest.h>

namespace portfire::cli {
namespace {

using namespace std::chrono_literals;

const TimePoint noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 12h;

TEST(Text, ShowsInstants) {
  EXPECT_EQ(absolute(noon + 123456us), "2026-11-21 12:00:00Z");
  EXPECT_EQ(both(noon - 90s, noon), "2026-11-21 11:58:30Z (1m ago)");
}

TEST(Text, ShowsDistancesInOneUnit) {
  EXPECT_EQ(relative(noon, noon), "now");
  EXPECT_EQ(relative(noon - 999ms, noon), "now");
  EXPECT_EQ(relative(noon - 59s, noon), "59s ago");
  EXPECT_EQ(relative(noon - 7300s, noon), "2h ago");
  EXPECT_EQ(relative(noon + 49h, noon), "in 2d");
}

TEST(Text, ShowsSpans) {
  EXPECT_EQ(brief(999us), "999us");
  EXPECT_EQ(brief(1500us), "1.50ms");
  EXPECT_EQ(brief(23456us), "23.5ms");
  EXPECT_EQ(brief(3400ms), "3.40s");
  EXPECT_EQ(brief(61s), "1m1s");
}

TEST(Text, GroupsDigits) {
  EXPECT_EQ(counted(0), "0");
  EXPECT_EQ(counted(999), "999");
  EXPECT_EQ(counted(1000), "1,000");
  EXPECT_EQ(counted(1234567), "1,234,567");
}

TEST(Text, IsMadeOneLine) {
  EXPECT_EQ(one_line("a\nb\x1b[31m", 20), "a b [31m");
  EXPECT_EQ(one_line("short", 5), "short");
  EXPECT_EQ(one_line("longer", 5), "long…");
  EXPECT_EQ(one_line("äöüß", 4), "äöüß");
  EXPECT_EQ(one_line("äöüßä", 4), "äöü…");
  EXPECT_EQ(width_of("äöü…"), 4U);
}

TEST(Text, ReadsTheDistantPast) {
  EXPECT_EQ(read_past("--since", "2h", noon), noon - 2h);
  EXPECT_EQ(read_past("--since", "2026-11-21T12:00:00Z", noon + 5h), noon);
}

}  // namespace
}  // namespace portfire::cli
