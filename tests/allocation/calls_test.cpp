// Every call of the public API with each of its allocations failing in turn: it says so by
// std::bad_alloc or does what it should, nothing leaks, nothing is half made, and the same call
// works afterwards.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <ostream>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/dashboard.hpp>
#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>
#include <portfire/recurring.hpp>
#include <portfire/sqlite.hpp>
#include <portfire/workflow.hpp>

#include "allocation/failing_new.hpp"
#include "support/temporary_directory.hpp"

namespace portfire {
namespace {

using namespace std::chrono_literals;

constexpr Job<int(int, std::string)> work{"work"};
constexpr const char* long_text = "a text that is too long for any string to hold it in itself";

// A storage with a little of everything, and all that works on it.
struct Place {
  explicit Place(std::shared_ptr<Storage> opened)
      : storage{std::move(opened)},
        client{storage, {.log = silent_sink()}},
        recurring{storage, {.log = silent_sink()}},
        dashboard{storage, dashboard_options()} {
    job = client.enqueue(work, 1, long_text);
    batch = client.batch(long_text, [](Batch& all) { all.enqueue(work, 2, long_text); });
    recurring.add_or_update(work, "nightly", "0 2 * * *", {}, 3, long_text);
  }

  static DashboardOptions dashboard_options() {
    DashboardOptions options;
    options.authorization = open_to_all(Role::admin);
    options.client.log = silent_sink();
    options.log = silent_sink();
    return options;
  }

  const std::shared_ptr<Storage> storage;
  Client client;
  RecurringJobs recurring;
  Dashboard dashboard;
  JobId job;
  BatchId batch;
};

struct Call {
  std::string name;
  std::function<void(Place&)> make;

  friend void PrintTo(const Call& call, std::ostream* out) { *out << call.name; }
};

// What is counted is what is there.
void expect_whole(Storage& storage) {
  std::map<std::pair<std::string, std::string>, std::uint64_t> listed;
  JobQuery query{.limit = 1000};
  std::map<JobId, std::uint64_t> members;
  for (const JobSummary& job : storage.monitoring().list(query).jobs) {
    ++listed[{job.queue, job.state}];
    if (job.batch) ++members[*job.batch];
    const auto details = storage.monitoring().job(job.id);
    ASSERT_TRUE(details.has_value());
    EXPECT_EQ(details->state, job.state);
    if (details->members) {
      EXPECT_EQ(details->members->total, members[job.id]) << "newest first: members come before";
    }
  }
  std::map<std::pair<std::string, std::string>, std::uint64_t> counted;
  for (const StateCount& count : storage.monitoring().statistics().live) {
    counted[{count.queue, count.state}] = count.count;
  }
  EXPECT_EQ(counted, listed);
}

// How often the call has failed, one allocation later each time, until it succeeds.
std::size_t fail_further_and_further(Place& place, const Call& call) {
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
    expect_whole(*place.storage);
    if (!failed || ::testing::Test::HasFailure()) return number;
  }
}

HttpRequest request(const std::string& method, const std::string& target,
                    const std::string& body = {}) {
  return {.method = method,
          .target = target,
          .headers = {{"Host", "localhost"}},
          .body = body,
          .peer = "127.0.0.1"};
}

std::vector<Call> reading_calls() {
  return {
      {"Find", [](Place& place) { ASSERT_TRUE(place.client.find(place.job)); }},
      {"List", [](Place& place) { place.storage->monitoring().list({.text = "text"}); }},
      {"Statistics", [](Place& place) { place.storage->monitoring().statistics(); }},
      {"History",
       [](Place& place) {
         const TimePoint now = place.storage->monitoring().now();
         place.storage->monitoring().history(now - 1h, now + 1h);
       }},
      {"Queues", [](Place& place) { place.storage->monitoring().queues(); }},
      {"Servers", [](Place& place) { place.storage->monitoring().servers(); }},
      {"Report", [](Place& place) { place.storage->monitoring().report(); }},
      {"Result", [](Place& place) { place.client.result<int>(place.job); }},
      {"FindRecurring", [](Place& place) { ASSERT_TRUE(place.recurring.find("nightly")); }},
      {"ListRecurring", [](Place& place) { place.recurring.list(); }},
      {"Graph", [](Place& place) { read_workflow(*place.storage, place.batch); }},
      {"Overview",
       [](Place& place) { place.dashboard.handle(request("GET", "/api/v1/overview")); }},
      {"Jobs",
       [](Place& place) { place.dashboard.handle(request("GET", "/api/v1/jobs?state=Enqueued")); }},
      {"Session", [](Place& place) { place.dashboard.handle(request("GET", "/api/v1/session")); }},
      {"Cron", [](Place&) { static_cast<void>(Cron::parse("0 8 * * MON-FRI").describe()); }},
  };
}

std::vector<Call> changing_calls() {
  return {
      {"Enqueue", [](Place& place) { place.client.enqueue(work, 4, long_text); }},
      {"EnqueueWithOptions",
       [](Place& place) {
         place.client
             .with({.queue = "other",
                    .limit = {long_text, 3},
                    .tags = {long_text},
                    .parameters = {{"name", long_text}}})
             .enqueue(work, 4, long_text);
       }},
      {"Unique",
       [](Place& place) {
         place.client.with({.unique = {.key = long_text}}).enqueue(work, 4, long_text);
       }},
      {"Schedule", [](Place& place) { place.client.schedule(work, 1h, 4, long_text); }},
      {"Continue", [](Place& place) { place.client.continue_with(work, place.job, 4, long_text); }},
      {"Batch",
       [](Place& place) {
         place.client.batch(long_text, [](Batch& batch) {
           for (int i = 0; i < 3; ++i) batch.enqueue(work, i, long_text);
         });
       }},
      {"Workflow",
       [](Place& place) {
         place.client.workflow(long_text, [](Workflow& flow) {
           const auto first = flow.step(work, 4, long_text);
           flow.step(work, first, long_text);
         });
       }},
      {"Requeue", [](Place& place) { place.client.requeue(place.job, {.reason = long_text}); }},
      {"Reschedule", [](Place& place) { place.client.reschedule(place.job, 1h); }},
      {"Move", [](Place& place) { place.client.move_to_queue(place.job, "elsewhere"); }},
      {"Delete", [](Place& place) { place.client.delete_job(place.job, {.reason = long_text}); }},
      {"SetParameter",
       [](Place& place) { place.client.set_parameter(place.job, "name", std::string{long_text}); }},
      {"Pause", [](Place& place) { place.client.pause_queue("default", "me", long_text); }},
      {"AddRecurring",
       [](Place& place) {
         place.recurring.add_or_update(work, "weekly", "0 2 * * 0", {}, 5, long_text);
       }},
      {"Trigger", [](Place& place) { place.recurring.trigger("nightly"); }},
      {"RemoveRecurring", [](Place& place) { place.recurring.remove("nightly"); }},
  };
}

std::string name_of(const ::testing::TestParamInfo<Call>& one) { return one.param.name; }

class ReadingInMemory : public ::testing::TestWithParam<Call> {};

TEST_P(ReadingInMemory, EndsWellOrSaysThatMemoryIsShort) {
  Place place{memory::open()};
  fail_further_and_further(place, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Calls, ReadingInMemory, ::testing::ValuesIn(reading_calls()), name_of);

class OnSqlite : public ::testing::TestWithParam<Call> {
 protected:
  const TemporaryDirectory directory_;
};

TEST_P(OnSqlite, EndsWellOrSaysThatMemoryIsShort) {
  Place place{
      sqlite::open(directory_.path() / "jobs.db", {.durability = sqlite::Durability::normal})};
  const std::size_t failures = fail_further_and_further(place, GetParam());
  EXPECT_GT(failures, 0U) << "nothing was allocated";
}

INSTANTIATE_TEST_SUITE_P(Reading, OnSqlite, ::testing::ValuesIn(reading_calls()), name_of);
INSTANTIATE_TEST_SUITE_P(Changing, OnSqlite, ::testing::ValuesIn(changing_calls()), name_of);

}  // namespace
}  // namespace portfire
