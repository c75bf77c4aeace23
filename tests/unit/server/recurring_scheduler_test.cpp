// Recurring jobs fired step by step, on a clock that the tests move.

#include "server/recurring_scheduler.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/memory.hpp>
#include <portfire/recurring.hpp>
#include <portfire/testing/faulty_storage.hpp>
#include <portfire/testing/virtual_clock.hpp>

namespace portfire::server::recurring_scheduler_test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ServerId self{1, 1};
const TimePoint start = parse_time("2026-03-02T10:00:30Z").value();

TimePoint at(std::string_view text) { return parse_time(text).value(); }

class Vetoing final : public Filter {
 public:
  explicit Vetoing(bool throws) : throws_{throws} {}
  void creating(Creating& creating) override {
    if (throws_) throw std::runtime_error{"no quota"};
    creating.veto("not today");
  }

 private:
  const bool throws_;
};

// One server's scheduler over a storage that may be shared with others.
class Scheduler {
 public:
  Scheduler(std::shared_ptr<Storage> storage, std::shared_ptr<Runtime> runtime,
            Filters filters = {}, std::vector<std::string> names = {"work"})
      : storage_{std::move(storage)},
        runtime_{std::move(runtime)},
        ids_{runtime_},
        filters_{std::move(filters), silent_sink()},
        scheduler_{std::move(names), filters_, ids_, 15s} {}

  Duration step() {
    const LogSink log = silent_sink();
    ProcessContext context{
        .storage = *storage_, .runtime = *runtime_, .server = self, .stop = {}, .log = log};
    return scheduler_.run_once(context);
  }

 private:
  const std::shared_ptr<Storage> storage_;
  const std::shared_ptr<Runtime> runtime_;
  IdSource ids_;
  const FilterChain filters_;
  RecurringScheduler scheduler_;
};

class RecurringSchedulerTest : public ::testing::Test {
 protected:
  void add(const std::string& id, const Schedule& schedule, const RecurringOptions& options = {}) {
    recurring_.add_or_update_raw(id, schedule, options, "work", "[]");
  }
  std::vector<JobSummary> jobs(const std::string& state = {}) {
    return storage_->monitoring().list({.state = state, .limit = 100'000}).jobs;
  }
  // Of the jobs that there are, in the order of their creation.
  std::vector<std::string> occurrences() {
    std::vector<std::string> all;
    for (const JobSummary& job : jobs()) {
      const auto details = storage_->monitoring().job(job.id).value();
      all.insert(all.begin(), details.parameters.at("portfire.occurrence").substr(1, 20));
    }
    return all;
  }
  RecurringJob found(const std::string& id) { return recurring_.find(id).value(); }
  void claim_all() {
    storage_->coordination().announce({.id = self, .name = "self", .job_names = {"work"}});
    running_ = storage_->jobs()
                   .claim({.server = self, .token = ++token_, .queues = {"default"}, .max = 100})
                   .executions;
  }
  void finish_all(State state = states::succeeded()) {
    for (const Execution& execution : running_) {
      Unit unit{.id = UnitId{7, ++token_}};
      unit.transitions.push_back(
          {.job = execution.ref.job, .epoch = execution.ref.epoch, .state = state});
      storage_->jobs().commit({&unit, 1});
    }
    running_.clear();
  }

  const std::shared_ptr<testing::VirtualClock> clock_ =
      std::make_shared<testing::VirtualClock>(start);
  const std::shared_ptr<testing::FaultyStorage> storage_ =
      std::make_shared<testing::FaultyStorage>(memory::open({.runtime = clock_}));
  RecurringJobs recurring_{storage_};
  Scheduler scheduler_{storage_, clock_};
  std::vector<Execution> running_;
  std::uint64_t token_ = 0;
};

TEST_F(RecurringSchedulerTest, FiresWhenTheTimeHasComeAndWaitsForTheNext) {
  add("a", "* * * * *");
  EXPECT_EQ(scheduler_.step(), 15s) << "not longer than the poll interval";
  clock_->advance(20s);
  EXPECT_EQ(scheduler_.step(), 10s);
  EXPECT_THAT(jobs(), IsEmpty());
  clock_->advance(10s);
  scheduler_.step();
  EXPECT_THAT(occurrences(), ElementsAre("2026-03-02T10:01:00."));
  const RecurringJob job = found("a");
  EXPECT_EQ(job.last, at("2026-03-02T10:01:00Z"));
  EXPECT_EQ(job.next, at("2026-03-02T10:02:00Z"));
  EXPECT_EQ(job.runs, 1U);
  EXPECT_EQ(job.last_job, jobs().front().id);
}

TEST_F(RecurringSchedulerTest, TwoSchedulersFireEachOccurrenceOnce) {
  add("a", "* * * * *");
  // The clock of the other machine is half a minute ahead; the storage's decides.
  const auto other_clock = std::make_shared<testing::VirtualClock>(start + 30s);
  Scheduler other{storage_, other_clock};
  for (int second = 0; second < 600; ++second) {
    clock_->advance(1s);
    other_clock->advance(1s);
    (second % 2 == 0 ? scheduler_ : other).step();
    (second % 2 == 0 ? other : scheduler_).step();
  }
  EXPECT_THAT(jobs(), SizeIs(10));
  EXPECT_EQ(found("a").runs, 10U);
}

TEST_F(RecurringSchedulerTest, WhicheverCallFailsEachOccurrenceIsFiredOnce) {
  add("a", "* * * * *");
  for (const auto moment :
       {testing::FaultMoment::before_effect, testing::FaultMoment::after_effect}) {
    for (std::uint64_t n = 1; n <= 4; ++n) {
      clock_->advance(1min);
      storage_->fail_nth(n, moment);
      for (int attempt = 0; attempt < 3; ++attempt) {
        try {
          scheduler_.step();
        } catch (const StorageError&) {
        }
      }
      storage_->fail_none();
    }
  }
  EXPECT_THAT(jobs(), SizeIs(8));
  EXPECT_EQ(found("a").runs, 8U);
}

TEST_F(RecurringSchedulerTest, AnHourOfDowntimeUnderEachPolicy) {
  add("relaxed", "*/5 * * * *", {.misfire = Misfire::relaxed});
  add("strict", "*/5 * * * *", {.misfire = Misfire::strict});
  add("bounded", "*/5 * * * *", {.misfire = Misfire::strict, .most_made_up = 5});
  add("ignorable", "*/5 * * * *", {.misfire = Misfire::ignorable});
  clock_->advance(1h + 2min);
  scheduler_.step();
  EXPECT_EQ(found("relaxed").runs, 1U);
  EXPECT_EQ(found("strict").runs, 12U);
  EXPECT_EQ(found("bounded").runs, 5U);
  EXPECT_EQ(found("ignorable").runs, 0U);
  for (const char* id : {"relaxed", "strict", "bounded", "ignorable"}) {
    EXPECT_EQ(found(id).next, at("2026-03-02T11:05:00Z")) << id;
  }
  EXPECT_EQ(found("relaxed").last, at("2026-03-02T11:00:00Z"));
}

// A year of a daily job, an hourly one and one every 90 s would take a year elsewhere.
TEST_F(RecurringSchedulerTest, AYearPassesWithoutOneTooManyOrTooFew) {
  add("daily", "30 2 * * *", {.zone = "Europe/Paris"});
  add("hourly", "0 * * * *", {.zone = "Australia/Lord_Howe"});
  add("interval", every(6h));
  const TimePoint end = start + std::chrono::days{365};
  for (TimePoint now = start; now < end;) {
    const auto due = storage_->coordination().due_recurring({.job_names = {"work"}, .max = 1});
    const Duration wait = due.next_due_in.value_or(1h);
    clock_->advance(wait);
    now += wait;
    scheduler_.step();
  }
  // Both changes of the clocks are in it: once a day all the same; an hourly one follows them.
  EXPECT_EQ(found("daily").runs, 365U);
  EXPECT_NEAR(static_cast<double>(found("hourly").runs), 365.0 * 24, 2);
  EXPECT_NEAR(static_cast<double>(found("interval").runs), 365.0 * 4, 1);
}

TEST_F(RecurringSchedulerTest, OverlapIsAllowedUnlessItIsNot) {
  add("a", "* * * * *");
  for (int i = 0; i < 3; ++i) {
    clock_->advance(1min);
    scheduler_.step();
  }
  EXPECT_THAT(jobs("Enqueued"), SizeIs(3));
}

TEST_F(RecurringSchedulerTest, SkipLeavesOutWhatComesWhileOneIsThere) {
  add("a", "* * * * *", {.overlap = Overlap::skip});
  for (int i = 0; i < 3; ++i) {
    clock_->advance(1min);
    scheduler_.step();
    claim_all();  // it waits at first, then it runs
  }
  EXPECT_THAT(jobs(), SizeIs(1));
  EXPECT_EQ(found("a").runs, 1U);
  EXPECT_EQ(found("a").skipped, 2U);
  EXPECT_EQ(found("a").last, at("2026-03-02T10:01:00Z"));
  EXPECT_EQ(found("a").next, at("2026-03-02T10:04:00Z"));
}

TEST_F(RecurringSchedulerTest, SkipGoesOnWhenTheOtherHasEnded) {
  add("a", "* * * * *", {.overlap = Overlap::skip});
  clock_->advance(1min);
  scheduler_.step();
  claim_all();
  finish_all(states::failed("broken"));
  clock_->advance(1min);
  scheduler_.step();
  EXPECT_THAT(jobs("Enqueued"), SizeIs(1)) << "one that has failed for good is in nobody's way";
  EXPECT_EQ(found("a").runs, 2U);
}

TEST_F(RecurringSchedulerTest, QueueOneKeepsOneWaitingBehindTheOneThatRuns) {
  add("a", "* * * * *", {.overlap = Overlap::queue_one});
  clock_->advance(1min);
  scheduler_.step();
  claim_all();
  for (int i = 0; i < 3; ++i) {
    clock_->advance(1min);
    scheduler_.step();
  }
  EXPECT_THAT(jobs("Processing"), SizeIs(1));
  EXPECT_THAT(jobs("Enqueued"), SizeIs(1));
  EXPECT_EQ(found("a").skipped, 2U);
}

TEST_F(RecurringSchedulerTest, CancelPreviousDeletesTheEarlierOne) {
  add("a", "* * * * *", {.overlap = Overlap::cancel_previous});
  clock_->advance(1min);
  scheduler_.step();
  claim_all();
  clock_->advance(1min);
  scheduler_.step();
  ASSERT_THAT(jobs("Deleted"), SizeIs(1));
  EXPECT_EQ(jobs("Deleted").front().id, running_.front().ref.job);
  EXPECT_THAT(jobs("Enqueued"), SizeIs(1));
  const std::vector<ExecutionRef> held{running_.front().ref};
  EXPECT_THAT(storage_->jobs().revoked(held), SizeIs(1)) << "its server is told";
}

TEST_F(RecurringSchedulerTest, CancelPreviousLeavesWhatHasEndedAlone) {
  add("a", "* * * * *", {.overlap = Overlap::cancel_previous});
  clock_->advance(1min);
  scheduler_.step();
  claim_all();
  finish_all();
  clock_->advance(1min);
  scheduler_.step();
  EXPECT_THAT(jobs("Succeeded"), SizeIs(1));
  EXPECT_THAT(jobs("Enqueued"), SizeIs(1));
}

TEST_F(RecurringSchedulerTest, MissedOnesOfAPolicyWithoutOverlapBecomeOne) {
  add("a", "* * * * *", {.misfire = Misfire::strict, .overlap = Overlap::skip});
  clock_->advance(5min);
  scheduler_.step();
  EXPECT_THAT(occurrences(), ElementsAre("2026-03-02T10:05:00."));
  EXPECT_EQ(found("a").skipped, 4U);
}

TEST_F(RecurringSchedulerTest, RunsAreLimited) {
  add("a", "* * * * *", {.misfire = Misfire::strict, .most_runs = 3});
  clock_->advance(1min);
  scheduler_.step();
  clock_->advance(10min);
  scheduler_.step();
  EXPECT_EQ(found("a").runs, 3U);
  EXPECT_FALSE(found("a").next);
  clock_->advance(10min);
  scheduler_.step();
  EXPECT_THAT(jobs(), SizeIs(3));
}

TEST_F(RecurringSchedulerTest, NothingIsFiredDuringAPause) {
  add("a", "* * * * *", {.misfire = Misfire::strict});
  recurring_.pause("a");
  clock_->advance(10min);
  scheduler_.step();
  recurring_.resume("a");
  scheduler_.step();
  EXPECT_THAT(jobs(), IsEmpty()) << "what passed during the pause was not missed";
  clock_->advance(1min);
  scheduler_.step();
  EXPECT_THAT(jobs(), SizeIs(1));
}

TEST_F(RecurringSchedulerTest, APauseEndsByItself) {
  add("a", "* * * * *");
  recurring_.pause("a", {.until = start + 10min});
  clock_->advance(9min);
  scheduler_.step();
  EXPECT_THAT(jobs(), IsEmpty());
  clock_->advance(2min);
  scheduler_.step();
  EXPECT_THAT(jobs(), SizeIs(1));
  EXPECT_FALSE(found("a").paused);
}

TEST_F(RecurringSchedulerTest, OnlyServersWithAHandlerFire) {
  add("a", "* * * * *");
  Scheduler other{storage_, clock_, {}, {"play"}};
  Scheduler without{storage_, clock_, {}, {}};
  clock_->advance(1min);
  other.step();
  without.step();
  EXPECT_THAT(jobs(), IsEmpty());
  EXPECT_EQ(found("a").error, "");
  scheduler_.step();
  EXPECT_THAT(jobs(), SizeIs(1));
}

TEST_F(RecurringSchedulerTest, AVetoedOccurrencePassesWithoutAJob) {
  add("a", "* * * * *");
  Scheduler vetoing{storage_, clock_, {std::make_shared<Vetoing>(false)}};
  clock_->advance(1min);
  vetoing.step();
  EXPECT_THAT(jobs(), IsEmpty());
  EXPECT_EQ(found("a").runs, 0U);
  EXPECT_EQ(found("a").next, at("2026-03-02T10:02:00Z"));
}

TEST_F(RecurringSchedulerTest, WhatThrowsIsShownAndTriedAgainAndHoldsUpNobody) {
  add("a", "* * * * *");
  Scheduler throwing{storage_, clock_, {std::make_shared<Vetoing>(true)}};
  clock_->advance(1min);
  throwing.step();
  EXPECT_THAT(found("a").error, HasSubstr("no quota"));
  EXPECT_EQ(found("a").next, at("2026-03-02T10:01:00Z")) << "it is still to be fired";
  scheduler_.step();
  EXPECT_THAT(jobs(), IsEmpty()) << "not at once";
  clock_->advance(2s);
  scheduler_.step();
  EXPECT_THAT(occurrences(), ElementsAre("2026-03-02T10:01:00."));
  EXPECT_EQ(found("a").error, "");
}

TEST_F(RecurringSchedulerTest, JitterPutsTheFiringOffAndNotTheOccurrence) {
  add("a", "0 * * * *", {.jitter = 10min});
  const Duration due_in =
      *storage_->coordination().due_recurring({.job_names = {"work"}}).next_due_in;
  clock_->advance(due_in - 1us);
  scheduler_.step();
  EXPECT_THAT(jobs(), IsEmpty());
  clock_->advance(1us);
  scheduler_.step();
  EXPECT_THAT(occurrences(), ElementsAre("2026-03-02T11:00:00."));
}

TEST_F(RecurringSchedulerTest, WhatANewerVersionHasWrittenIsLeftAlone) {
  Unit unit{.id = UnitId{1, 1}};
  unit.recurring.push_back(
      {.id = "new",
       .record = RecurringRecord{
           .job_name = "work", .due_at = start, .definition = R"({"version":99})"}});
  ASSERT_TRUE(storage_->jobs().commit({&unit, 1}).front().done());
  add("a", "* * * * *");
  clock_->advance(1min);
  EXPECT_EQ(scheduler_.step(), 1s);
  EXPECT_THAT(jobs(), SizeIs(1));
  EXPECT_EQ(storage_->coordination().recurring("new")->version, 1U);
}

TEST_F(RecurringSchedulerTest, ManyThatAreDueAtOnceAreAllFired) {
  for (int i = 0; i < 2000; ++i) add(std::to_string(i), "* * * * *");
  clock_->advance(1min);
  scheduler_.step();
  EXPECT_THAT(jobs(), SizeIs(2000));
}

}  // namespace
}  // namespace portfire::server::recurring_scheduler_test
