// Every question to a storage with each of its allocations failing in turn: it says so by
// std::bad_alloc or answers, nothing leaks, and the same question is answered afterwards.
//
// Those that read JSON are asked like changes are made (changes_test.cpp): the library for that
// allocates in destructors, and ends the program where it cannot.

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <new>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <portfire/cron.hpp>
#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>
#include <portfire/sqlite.hpp>
#include <portfire/workflow.hpp>

#include "allocation/failing_new.hpp"
#include "allocation/place.hpp"
#include "support/temporary_directory.hpp"

namespace portfire {
namespace {

using namespace std::chrono_literals;

struct Call {
  std::string name;
  std::function<void(Place&)> make;

  friend void PrintTo(const Call& call, std::ostream* out) { *out << call.name; }
};

// Whether it throws for want of memory.
template <class Allocate>
bool is_short_of_memory(Allocate allocate) {
  try {
    allocate();
    return false;
  } catch (const std::bad_alloc&) {
    return true;
  }
}

// One allocation later each time, until none is left to fail: then the call is answered.
void fail_further_and_further(Place& place, const Call& call) {
  for (std::size_t number = 0;; ++number) {
    SCOPED_TRACE("allocation " + std::to_string(number));
    bool failed = false;
    bool threw = false;
    {
      const FailingAllocation failing{number};
      try {
        call.make(place);
      } catch (const std::bad_alloc&) {
        threw = true;
      }
      failed = FailingAllocation::has_failed();
    }
    EXPECT_EQ(fault_of(*place.storage), "");
    if (failed && !::testing::Test::HasFailure()) continue;
    EXPECT_GT(number, 0U) << "it allocates nothing, at least on this thread";
    EXPECT_FALSE(threw && !failed) << "memory was short without a cause";
    return;
  }
}

// What all the others rest on. Nothing is looked at meanwhile: the looks might allocate as well.
TEST(Allocation, OfThatNumberFailsAndNoOther) {
  constexpr std::size_t count = 5;
  for (std::size_t number = 0; number < count; ++number) {
    std::array<bool, count> failed{};
    std::array<bool, count> told{};
    {
      const FailingAllocation failing{number};
      for (std::size_t i = 0; i < count; ++i) {
        failed.at(i) = is_short_of_memory([] { ::operator delete(::operator new(8)); });
        told.at(i) = FailingAllocation::has_failed();
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(failed.at(i), i == number) << i << " of " << number;
      EXPECT_EQ(told.at(i), i >= number) << i << " of " << number;
    }
  }
}

TEST(Allocation, FailsInEachOfItsForms) {
  constexpr std::align_val_t wide{64};
  const std::vector<void (*)()> forms{[] { ::operator delete(::operator new(8)); },
                                      [] { ::operator delete[](::operator new[](8)); },
                                      [] { ::operator delete(::operator new(8, wide), wide); },
                                      [] { ::operator delete[](::operator new[](8, wide), wide); }};
  for (const auto form : forms) {
    bool failed = false;
    {
      const FailingAllocation failing{0};
      failed = is_short_of_memory(form);
    }
    EXPECT_TRUE(failed);
  }
  const FailingAllocation failing{0};
  EXPECT_EQ(::operator new(8, std::nothrow), nullptr);
}

std::vector<Call> reading_calls() {
  return {
      {"Find", [](Place& place) { ASSERT_TRUE(place.client.find(place.made.waiting)); }},
      {"List", [](Place& place) { place.storage->monitoring().list({.text = "text"}); }},
      {"Statistics", [](Place& place) { place.storage->monitoring().statistics(); }},
      {"History",
       [](Place& place) {
         const TimePoint now = place.storage->monitoring().now();
         place.storage->monitoring().history(now - 1h, now + 1h);
       }},
      {"Queues", [](Place& place) { place.storage->monitoring().queues(); }},
      {"Report", [](Place& place) { place.storage->monitoring().report(); }},
      {"Result", [](Place& place) { place.client.result<int>(place.made.waiting); }},
      {"Graph", [](Place& place) { read_workflow(*place.storage, place.made.batch); }},
      {"Cron", [](Place&) { static_cast<void>(Cron::parse("0 8 * * MON-FRI").describe()); }},
  };
}

std::string name_of(const ::testing::TestParamInfo<Call>& one) { return one.param.name; }

class Memory : public ::testing::TestWithParam<Call> {};

TEST_P(Memory, EndsWellOrSaysThatMemoryIsShort) {
  const auto storage = memory::open();
  Place place{storage, fill(storage)};
  fail_further_and_further(place, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Calls, Memory, ::testing::ValuesIn(reading_calls()), name_of);

class Sqlite : public ::testing::TestWithParam<Call> {
 protected:
  const TemporaryDirectory directory_;
};

TEST_P(Sqlite, EndsWellOrSaysThatMemoryIsShort) {
  const auto storage =
      sqlite::open(directory_.path() / "jobs.db", {.durability = sqlite::Durability::normal});
  Place place{storage, fill(storage)};
  fail_further_and_further(place, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Calls, Sqlite, ::testing::ValuesIn(reading_calls()), name_of);

}  // namespace
}  // namespace portfire
