#include <portfire/id.hpp>

#include <gtest/gtest.h>

namespace portfire {
namespace {

using namespace std::chrono_literals;

const TimePoint noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 12h};

TEST(Id, TheDefaultIsNilAndFalse) {
  EXPECT_FALSE(JobId{});
  EXPECT_EQ(to_string(JobId{}), "00000000-0000-0000-0000-000000000000");
}

TEST(Id, TextAndValueRoundTrip) {
  const JobId id{0x0123456789abcdefULL, 0xfedcba9876543210ULL};
  EXPECT_EQ(to_string(id), "01234567-89ab-cdef-fedc-ba9876543210");
  EXPECT_EQ(parse_id<JobId>(to_string(id)), id);
  EXPECT_EQ(parse_id<JobId>("01234567-89AB-CDEF-FEDC-BA9876543210"), id);
}

TEST(Id, MalformedTextIsRefused) {
  for (const char* text :
       {"", "0", "01234567-89ab-cdef-fedc-ba987654321", "01234567-89ab-cdef-fedc-ba98765432100",
        "01234567089ab-cdef-fedc-ba9876543210", "g1234567-89ab-cdef-fedc-ba9876543210"}) {
    EXPECT_FALSE(parse_id<JobId>(text)) << text;
  }
}

TEST(Id, CarriesVersionSevenTheVariantAndTheMillisecond) {
  IdGenerator generator;
  const auto id = generator.next<JobId>(noon, ~0ULL);
  EXPECT_EQ((id.high() >> 12) & 0xF, 7U);
  EXPECT_EQ(id.low() >> 62, 2U);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(noon.time_since_epoch()).count();
  EXPECT_EQ(id.high() >> 16, static_cast<std::uint64_t>(milliseconds));
}

TEST(Id, IdsOfOneGeneratorAscendEvenWhenTheClockStepsBack) {
  IdGenerator generator;
  auto last = generator.next<JobId>(noon, 1);
  for (int i = 0; i < 200'000; ++i) {
    const auto next = generator.next<JobId>(i % 3 == 0 ? noon - 1h : noon, i % 7 == 0 ? ~0ULL : 0);
    ASSERT_LT(last, next) << "at step " << i;
    last = next;
  }
}

TEST(Id, AnOverflowingCounterBorrowsFromTheNextMillisecond) {
  IdGenerator generator;
  auto last = generator.next<JobId>(noon, ~0ULL);
  const auto first_millisecond = last.high() >> 16;
  for (std::uint32_t i = 0; i < (1U << 25) + 10; ++i) {
    const auto next = generator.next<JobId>(noon, 0);
    ASSERT_LT(last, next);
    last = next;
  }
  EXPECT_EQ(last.high() >> 16, first_millisecond + 1);
}

}  // namespace
}  // namespace portfire
