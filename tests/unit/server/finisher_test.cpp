#include "server/finisher.hpp"

#include <atomic>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/client.hpp>
#include <portfire/memory.hpp>
#include <portfire/testing/virtual_clock.hpp>

#include "unit/server/hooked_storage.hpp"

namespace portfire::server {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr ServerId server{1, 1};

class FinisherTest : public ::testing::Test {
 protected:
  FinisherTest() {
    storage_->coordination().announce({.id = server, .name = "test", .job_names = {"work"}});
  }

  // A job of this name that the server holds, about to succeed.
  Completion succeeding(const std::string& name = "work") {
    client_.enqueue_raw(name, "[]");
    auto claimed = memory_->jobs().claim(
        {.server = server, .token = ++token_, .queues = {"default"}, .max = 1});
    Completion completion;
    completion.claimed.execution = claimed.executions.at(0);
    const ExecutionRef& ref = completion.claimed.execution.ref;
    completion.unit.id = UnitId{9, ++token_};
    completion.unit.transitions.push_back(
        {.job = ref.job, .epoch = ref.epoch, .state = states::succeeded()});
    ids_of_jobs_.push_back(ref.job);
    return completion;
  }
  void add(Completion completion) { finisher_.add(std::move(completion)); }
  // Runs the finisher until everything is stored, moving the clock as it waits.
  void finish() {
    finisher_.start();
    while (finisher_.pending() > 0) {
      clock_->advance(1s);
      std::this_thread::yield();
    }
    finisher_.stop(SteadyPoint::max());
  }
  std::string state(std::size_t index) { return client_.find(ids_of_jobs_.at(index))->state; }
  std::string reason(std::size_t index) { return client_.find(ids_of_jobs_.at(index))->reason; }

  const std::shared_ptr<testing::VirtualClock> clock_ = std::make_shared<testing::VirtualClock>();
  const std::shared_ptr<Storage> memory_ = memory::open({.runtime = clock_});
  const std::shared_ptr<HookedStorage> storage_ = std::make_shared<HookedStorage>(memory_);
  Client client_{memory_, {.log = silent_sink()}};
  std::vector<JobId> ids_of_jobs_;
  std::uint64_t token_ = 0;

  std::mutex mutex_;
  std::vector<std::string> lines_;  // guarded by mutex_
  const LogSink log_ = [this](LogLevel, std::string_view line) {
    const std::lock_guard lock{mutex_};
    lines_.emplace_back(line);
  };

  IdSource ids_{clock_};
  const FilterChain filters_;
  const Surroundings surroundings_{*storage_, *clock_, ids_, filters_, 24h};
  ActiveJobs active_{1};
  const CrashWatch crash_watch_{{}, nullptr, 0};
  const Performer performer_{surroundings_,
                             active_,
                             crash_watch_,
                             {.retention = 24h,
                              .failed_retention = 0s,
                              .error_limit = 1000,
                              .elects_released_jobs = false}};
  Finisher finisher_{*storage_, *clock_, performer_, log_};
};

TEST_F(FinisherTest, WhatGathersMeanwhileIsOneCommit) {
  std::vector<std::size_t> sizes;
  storage_->on_commit = [&](auto units) -> std::optional<std::vector<CommitResult>> {
    sizes.push_back(units.size());
    return std::nullopt;
  };
  for (int i = 0; i < 5; ++i) add(succeeding());
  finish();
  EXPECT_EQ(sizes, std::vector<std::size_t>{5});
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(state(i), "Succeeded");
}

TEST_F(FinisherTest, AnOutcomeThatTheStorageRefusesForGoodIsSingledOutAndFails) {
  for (int i = 0; i < 8; ++i) add(succeeding(i == 5 ? "poison" : "work"));
  const JobId poison = ids_of_jobs_[5];
  storage_->on_commit = [&](auto units) -> std::optional<std::vector<CommitResult>> {
    for (const Unit& unit : units) {
      const Transition& change = unit.transitions.front();
      if (change.job == poison && change.state.name == "Succeeded") throw refusal_for_good();
    }
    return std::nullopt;
  };
  finish();
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(state(i), i == 5 ? "Failed" : "Succeeded");
  EXPECT_EQ(reason(5), "The outcome could not be stored: no room");
}

// A storage that refuses everything, even a plain failure, is in trouble itself: nothing is given
// up.
TEST_F(FinisherTest, AStorageThatRefusesEverythingIsWaitedFor) {
  int refusals = 0;
  storage_->on_commit = [&](auto) -> std::optional<std::vector<CommitResult>> {
    if (++refusals <= 9) throw refusal_for_good();
    return std::nullopt;
  };
  add(succeeding());
  add(succeeding());
  finish();
  EXPECT_EQ(state(0), "Succeeded");
  EXPECT_EQ(state(1), "Succeeded");
}

TEST_F(FinisherTest, AnOutageIsWaitedForAndItsEndLogged) {
  int failures = 0;
  storage_->on_commit = [&](auto) -> std::optional<std::vector<CommitResult>> {
    if (++failures <= 4) throw outage();
    return std::nullopt;
  };
  add(succeeding());
  finish();
  EXPECT_EQ(state(0), "Succeeded");
  EXPECT_EQ(lines_.front(), "storing outcomes failed and will be tried again: away");
  EXPECT_THAT(lines_.back(), HasSubstr("works again after"));
}

TEST_F(FinisherTest, ABusyUnitIsSentAgainAlone) {
  std::vector<std::size_t> sizes;
  storage_->on_commit = [&](auto units) -> std::optional<std::vector<CommitResult>> {
    sizes.push_back(units.size());
    if (sizes.size() > 1) return std::nullopt;
    auto results = memory_->jobs().commit(units.first(1));
    results.push_back({.status = CommitStatus::busy});
    return results;
  };
  add(succeeding());
  add(succeeding());
  finish();
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 1}));
  EXPECT_EQ(state(1), "Succeeded");
}

TEST_F(FinisherTest, ABusyUnitHoldsUpNoOther) {
  Completion held_up = succeeding();
  const JobId busy = held_up.claimed.execution.ref.job;
  std::atomic<bool> is_locked = true;
  storage_->on_commit = [&](auto units) -> std::optional<std::vector<CommitResult>> {
    std::vector<CommitResult> results;
    for (const Unit& unit : units) {
      const bool is_busy = is_locked && unit.transitions.front().job == busy;
      results.push_back(is_busy ? CommitResult{.status = CommitStatus::busy}
                                : memory_->jobs().commit({&unit, 1}).front());
    }
    return results;
  };
  add(std::move(held_up));
  finisher_.start();
  for (std::size_t i = 1; i <= 5; ++i) {
    add(succeeding());
    while (finisher_.pending() > 1) clock_->advance(1s);
    EXPECT_EQ(state(i), "Succeeded");
  }
  EXPECT_EQ(state(0), "Processing");
  is_locked = false;
  while (finisher_.pending() > 0) clock_->advance(1s);
  EXPECT_EQ(state(0), "Succeeded");
  finisher_.stop(SteadyPoint::max());
}

TEST_F(FinisherTest, AStopGivesABusyUnitUpAtItsDeadline) {
  storage_->on_commit = [](auto units) -> std::optional<std::vector<CommitResult>> {
    return std::vector<CommitResult>(units.size(), {.status = CommitStatus::busy});
  };
  add(succeeding());
  finisher_.start();
  finisher_.stop(clock_->steady_now() - 1s);
  EXPECT_EQ(state(0), "Processing");
  EXPECT_EQ(finisher_.pending(), 0U);
  EXPECT_THAT(lines_.back(), HasSubstr("outcomes were lost at shutdown"));
}

TEST_F(FinisherTest, AJobWhoseOwnCreationsAreRejectedFails) {
  Completion completion = succeeding();
  completion.unit.jobs.push_back({.id = JobId{5, 5},
                                  .name = "child",
                                  .state = states::awaiting(),
                                  .parents = {{.job = JobId{4, 2}}}});
  add(std::move(completion));
  finish();
  EXPECT_EQ(state(0), "Failed");
  EXPECT_THAT(reason(0), HasSubstr("names the parent"));
  EXPECT_FALSE(client_.find(JobId{5, 5}));
}

TEST_F(FinisherTest, AJobWhoseOwnCreationsNameAClosedBatchFails) {
  Completion completion = succeeding();
  completion.unit.jobs.push_back({.id = JobId{5, 5}, .name = "child", .batch = JobId{4, 2}});
  add(std::move(completion));
  finish();
  EXPECT_EQ(state(0), "Failed");
  EXPECT_THAT(reason(0), HasSubstr("names the batch"));
  EXPECT_FALSE(client_.find(JobId{5, 5}));
}

TEST_F(FinisherTest, NewsAreStoredBeforeTheEnd) {
  Completion completion = succeeding();
  const ExecutionRef ref = completion.claimed.execution.ref;
  Report early{.execution = ref};
  early.lines.push_back({.text = "early", .number = 1});
  completion.report = Report{.execution = ref};
  completion.report->lines.push_back({.text = "late", .number = 2});
  finisher_.add(early);
  add(std::move(completion));
  finish();
  const auto lines = memory_->monitoring().log(ref.job, 0, 10);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].text, "early");
  EXPECT_EQ(lines[1].text, "late");
}

TEST_F(FinisherTest, WhatIsGivenBackIsReleasedAndNotCommitted) {
  Completion completion = succeeding();
  completion.give_back = true;
  add(std::move(completion));
  add(succeeding());
  finish();
  EXPECT_EQ(state(0), "Enqueued");
  EXPECT_EQ(reason(0), reasons::shutdown);
  EXPECT_EQ(state(1), "Succeeded");
}

TEST_F(FinisherTest, AStopStoresTheRest) {
  finisher_.start();
  for (int i = 0; i < 3; ++i) add(succeeding());
  finisher_.stop(SteadyPoint::max());
  EXPECT_EQ(finisher_.pending(), 0U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(state(i), "Succeeded");
}

TEST_F(FinisherTest, AStopDuringAnOutageGivesUpAtItsDeadline) {
  storage_->on_commit = [](auto) -> std::optional<std::vector<CommitResult>> { throw outage(); };
  add(succeeding());
  finisher_.start();
  finisher_.stop(clock_->steady_now());
  EXPECT_EQ(state(0), "Processing");
  EXPECT_THAT(lines_.back(), HasSubstr("outcomes were lost at shutdown"));
}

TEST_F(FinisherTest, AnOutcomeOfALostExecutionIsRefusedQuietly) {
  Completion completion = succeeding();
  client_.delete_job(ids_of_jobs_[0]);
  add(std::move(completion));
  finish();
  EXPECT_EQ(state(0), "Deleted");
}

TEST_F(FinisherTest, TheEndOfASuspectIsTold) {
  const auto waiting = memory_->wakeup().subscribe({"nothing"});
  finisher_.poke_when_suspect_ends(*waiting);
  const auto poked = [&] { return waiting->wait_until(SteadyPoint{}, {}); };
  add(succeeding());
  finish();
  EXPECT_FALSE(poked());
  Completion suspect = succeeding();
  suspect.claimed.execution.suspect = true;
  add(std::move(suspect));
  finisher_.start();
  finisher_.stop(SteadyPoint::max());
  EXPECT_TRUE(poked());
}

}  // namespace
}  // namespace portfire::server
