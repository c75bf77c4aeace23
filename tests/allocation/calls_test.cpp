// Every question to a storage with each of its allocations failing in turn: it says so by
// std::bad_alloc or answers, nothing leaks, and the same question is answered afterwards.
//
// Those that read JSON are asked like changes are made (changes_test.cpp): the library for that
// allocates in destructors, and ends the program where it cannot.

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

// One allocation later each time, until none is left to fail.
void fail_further_and_further(Place& place, const Call& call) {
  for (std::size_t number = 0;; ++number) {
    SCOPED_TRACE("allocation " + std::to_string(number));
    bool failed = false;
    {
      const FailingAllocation failing{number};
      try {
        call.make(place);
      } catch (const std::bad_alloc&) {
      }
      failed = FailingAllocation::has_failed();
    }
    EXPECT_EQ(fault_of(*place.storage), "");
    if (!failed || ::testing::Test::HasFailure()) return;
  }
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
