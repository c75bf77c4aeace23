// What a reclaimer makes of the record of a crash, and what it does when the storage does not take
// it. Servers that really crash are in tests/scenarios.

#include "server/crash_reports.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/client.hpp>
#include <portfire/memory.hpp>
#include <portfire/testing/virtual_clock.hpp>

#include "runtime/descriptor.hpp"
#include "server/reclaimer.hpp"
#include "support/temporary_directory.hpp"
#include "unit/server/hooked_storage.hpp"

namespace portfire::server::crash_reports_test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr ServerId self{1, 1};
constexpr ServerId crashed{2, 2};
constexpr ServerId silent{3, 3};
constexpr const char* machine = "machine";

class CrashReportsTest : public ::testing::Test {
 protected:
  CrashReportsTest() {
    storage_->coordination().announce({.id = self, .name = "self", .lease = 1h});
    announce(crashed);
  }
  // A server of this machine whose process has gone.
  void announce(ServerId server) {
    const fs::path lock = directory_.path() / to_string(server);
    std::ofstream{lock} << "";
    memory_->coordination().announce({.id = server,
                                      .name = "gone",
                                      .host = machine,
                                      .lock = lock,
                                      .job_names = {"work"},
                                      .lease = 1h});
  }
  JobId held_by(ServerId server) {
    const JobId id = client_.enqueue_raw("work", "[]");
    claim(server);
    return id;
  }
  void claim(ServerId server) {
    memory_->jobs().claim({.server = server, .token = ++token_, .queues = {"default"}, .max = 1});
  }
  // The server held it before, and died: it is suspected.
  JobId suspect_held_by(ServerId server) {
    const JobId id = held_by(server);
    memory_->jobs().reclaim({.servers = {server}, .by = {}, .crash_limit = 0});
    announce(server);
    claim(server);
    return id;
  }
  std::string line(JobId job, const char* part) {
    return "running " + to_string(crashed) + " " + to_string(job) + " " +
           std::to_string(job_of(job).epoch) + " " + part + " work\n";
  }
  void leave_record(const std::string& running) {
    std::ofstream{record()} << "portfire crash 1\nsignal 11\ncode 1\naddress 0x10\n"
                            << running << "listed\nend\n";
  }
  Duration step() {
    ProcessContext context{
        .storage = *storage_, .runtime = *clock_, .server = self, .stop = {}, .log = log_};
    return reclaimer_.run_once(context);
  }
  fs::path record() const { return directory_.path() / (to_string(crashed) + ".crash"); }
  JobDetails job_of(JobId id) { return *client_.find(id); }
  std::vector<std::string> reasons_of(JobId id) {
    std::vector<std::string> reasons;
    for (const HistoryEntry& entry : job_of(id).history) reasons.push_back(entry.reason);
    return reasons;
  }
  std::size_t servers() { return memory_->monitoring().servers().size(); }
  void expect_unsettled(JobId culprit) {
    EXPECT_EQ(job_of(culprit).state, "Processing");
    EXPECT_EQ(servers(), 2U);
    EXPECT_TRUE(fs::exists(record()));
  }
  void expect_settled(JobId culprit) {
    EXPECT_EQ(job_of(culprit).state, "Failed");
    EXPECT_EQ(job_of(culprit).reason, "It crashed its server: SIGSEGV at address 0x10");
    EXPECT_EQ(servers(), 1U);
    EXPECT_FALSE(fs::exists(record()));
  }

  const TemporaryDirectory directory_;
  const std::shared_ptr<testing::VirtualClock> clock_ = std::make_shared<testing::VirtualClock>();
  const std::shared_ptr<Storage> memory_ = memory::open({.runtime = clock_});
  const std::shared_ptr<HookedStorage> storage_ = std::make_shared<HookedStorage>(memory_);
  Client client_{memory_, {.log = silent_sink()}};
  std::uint64_t token_ = 0;
  std::vector<std::string> lines_;
  const LogSink log_ = [this](LogLevel, std::string_view line) { lines_.emplace_back(line); };

  IdSource ids_{clock_};
  const FilterChain filters_;
  const HandlerTable handlers_{Handlers{}, filters_};
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
  Reclaimer reclaimer_{5s, 3, machine, [](const std::vector<Execution>&) {},
                       std::make_unique<CrashReports>(directory_.path(), 3, nullptr, performer_,
                                                      handlers_, filters_)};
};

TEST_F(CrashReportsTest, ABusyStorageGetsTheRecordAgainBeforeTheServerIsReclaimed) {
  const JobId culprit = held_by(crashed);
  const JobId other = held_by(crashed);
  leave_record(line(culprit, "crashed") + line(other, "beside"));
  storage_->on_commit = [](auto units) -> std::optional<std::vector<CommitResult>> {
    return std::vector<CommitResult>(units.size(), {.status = CommitStatus::busy});
  };
  EXPECT_LT(step(), 1s);
  expect_unsettled(culprit);
  step();
  expect_unsettled(culprit);
  EXPECT_THAT(lines_, SizeIs(1)) << "told once";
  storage_->on_commit = nullptr;
  step();
  expect_settled(culprit);
  EXPECT_EQ(job_of(other).state, "Enqueued");
  EXPECT_FALSE(job_of(other).suspect);
}

TEST_F(CrashReportsTest, SoDoesOneThatIsAway) {
  const JobId culprit = held_by(crashed);
  leave_record(line(culprit, "crashed"));
  storage_->on_commit = [](auto) -> std::optional<std::vector<CommitResult>> { throw outage(); };
  step();
  expect_unsettled(culprit);
  storage_->on_commit = nullptr;
  step();
  expect_settled(culprit);
}

TEST_F(CrashReportsTest, SoDoesOneThatIsBusyWithWhatHadNotBegun) {
  const JobId culprit = held_by(crashed);
  const JobId waiting = held_by(crashed);
  leave_record(line(culprit, "crashed"));
  storage_->on_release = [](auto released) -> std::optional<ReleaseResult> {
    return ReleaseResult{.busy = {released.begin(), released.end()}};
  };
  step();
  EXPECT_EQ(servers(), 2U);
  EXPECT_EQ(job_of(waiting).state, "Processing");
  storage_->on_release = nullptr;
  step();
  expect_settled(culprit);
  EXPECT_EQ(job_of(waiting).state, "Enqueued");
  EXPECT_FALSE(job_of(waiting).suspect);
}

TEST_F(CrashReportsTest, OtherServersAreReclaimedMeanwhile) {
  const JobId culprit = held_by(crashed);
  leave_record(line(culprit, "crashed"));
  announce(silent);
  const JobId job = held_by(silent);
  storage_->on_commit = [](auto) -> std::optional<std::vector<CommitResult>> { throw outage(); };
  step();
  expect_unsettled(culprit);
  EXPECT_EQ(job_of(job).state, "Enqueued");
}

TEST_F(CrashReportsTest, ARecordThatAnotherOneReadsIsWaitedFor) {
  const JobId culprit = held_by(crashed);
  leave_record(line(culprit, "crashed"));
  {
    const Descriptor reader{open(record().c_str(), O_RDWR | O_CLOEXEC)};
    ASSERT_EQ(flock(reader.number(), LOCK_EX), 0);
    EXPECT_LT(step(), 1s);
    expect_unsettled(culprit);
  }
  step();
  expect_settled(culprit);
}

TEST_F(CrashReportsTest, AnOutcomeThatTheStorageRefusesForGoodIsAPlainFailure) {
  const JobId culprit = held_by(crashed);
  const JobId other = held_by(crashed);
  leave_record(line(culprit, "crashed") + line(other, "beside"));
  storage_->on_commit = [](auto units) -> std::optional<std::vector<CommitResult>> {
    if (!units.front().transitions.front().state.data.empty()) throw refusal_for_good();
    return std::nullopt;
  };
  step();
  EXPECT_EQ(job_of(culprit).state, "Failed");
  EXPECT_EQ(job_of(culprit).reason, "The outcome could not be stored: no room");
  EXPECT_EQ(job_of(culprit).crashes, 1U);
  EXPECT_EQ(job_of(other).state, "Enqueued");
  EXPECT_FALSE(job_of(other).suspect);
  EXPECT_EQ(servers(), 1U);
  EXPECT_FALSE(fs::exists(record()));
}

TEST_F(CrashReportsTest, ARecordThatTheStorageRefusesForGoodIsGivenUp) {
  const JobId culprit = held_by(crashed);
  leave_record(line(culprit, "crashed"));
  storage_->on_commit = [](auto) -> std::optional<std::vector<CommitResult>> {
    throw refusal_for_good();
  };
  step();
  EXPECT_FALSE(fs::exists(record()));
  EXPECT_THAT(lines_, Contains(HasSubstr("is given up")));
  EXPECT_EQ(job_of(culprit).state, "Enqueued") << "reclaimed, as without a record";
  EXPECT_TRUE(job_of(culprit).suspect);
  EXPECT_EQ(servers(), 1U);
}

TEST_F(CrashReportsTest, AnInnocentJobWhoseReturnIsRefusedGoesBackToItsPlace) {
  const JobId culprit = held_by(crashed);
  const JobId other = held_by(crashed);
  leave_record(line(other, "beside") + line(culprit, "crashed"));
  storage_->on_commit = [&](auto units) -> std::optional<std::vector<CommitResult>> {
    if (units.front().transitions.front().job == other) throw refusal_for_good();
    return std::nullopt;
  };
  step();
  expect_settled(culprit);
  EXPECT_EQ(job_of(other).state, "Enqueued");
  EXPECT_FALSE(job_of(other).suspect);
}

// Its outcome may have been on its way to the storage, and its filters with it.
TEST_F(CrashReportsTest, WhereNobodyIsKnownAllThatWasHeldIsSuspected) {
  const JobId running = held_by(crashed);
  const JobId waiting = held_by(crashed);
  leave_record(line(running, "beside"));
  step();
  for (const JobId id : {running, waiting}) {
    EXPECT_EQ(job_of(id).state, "Enqueued");
    EXPECT_TRUE(job_of(id).suspect);
  }
  EXPECT_THAT(reasons_of(waiting), Contains(std::string{reasons::reclaimed}));
}

TEST_F(CrashReportsTest, WhatRanInAProcessOfItsOwnIsNeverSuspected) {
  const JobId suspect = suspect_held_by(crashed);
  const JobId apart = held_by(crashed);
  leave_record(line(apart, "apart") + line(suspect, "apart"));
  step();
  for (const JobId id : {apart, suspect}) {
    EXPECT_EQ(job_of(id).state, "Enqueued");
    EXPECT_THAT(job_of(id).reason, HasSubstr("crashed outside the threads of its jobs"));
    EXPECT_EQ(job_of(id).crashes, 0U);
  }
  EXPECT_FALSE(job_of(apart).suspect);
  EXPECT_EQ(servers(), 1U);
}

}  // namespace
}  // namespace portfire::server::crash_reports_test
