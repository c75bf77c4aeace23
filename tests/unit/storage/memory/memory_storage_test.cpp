// What is peculiar to memory storage; all behaviour that drivers share is in the conformance suite.

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <portfire/error.hpp>
#include <portfire/memory.hpp>
#include <portfire/testing/builders.hpp>

namespace portfire {
namespace {

using namespace std::chrono_literals;
using testing::ending;
using testing::JobBuilder;
using testing::moving;
using testing::UnitBuilder;

class MemoryStorageTest : public ::testing::Test {
 protected:
  MemoryStorageTest() {
    storage_->coordination().announce({.id = server_, .job_names = {"work", "work"}});
  }

  JobBuilder job() { return {ids_.next<JobId>(), "work"}; }
  UnitBuilder unit() { return UnitBuilder{ids_.next<UnitId>()}; }
  CommitResult commit(const Unit& unit) { return storage_->jobs().commit({&unit, 1}).at(0); }
  JobId create(const NewJob& description) {
    EXPECT_EQ(commit(unit().create(description)).status, CommitStatus::applied);
    return description.id;
  }
  std::vector<Execution> claim(std::size_t max = 1) {
    return storage_->jobs()
        .claim({.server = server_, .token = ++token_, .queues = {"default"}, .max = max})
        .executions;
  }
  JobDetails details(JobId id) { return storage_->monitoring().job(id).value(); }
  std::vector<std::string> history(JobId id) {
    std::vector<std::string> names;
    for (const HistoryEntry& entry : details(id).history) {
      names.push_back(entry.elected_away ? "(" + entry.state + ")" : entry.state);
    }
    return names;
  }

  const std::shared_ptr<TimeOffset> offset_ = std::make_shared<TimeOffset>();
  const std::shared_ptr<Storage> storage_ = memory::open({.time_offset = offset_});
  testing::TestIds ids_;
  const ServerId server_ = ids_.next<ServerId>();
  std::uint64_t token_ = 0;
};

using Names = std::vector<std::string>;

TEST_F(MemoryStorageTest, EachOneIsAWorldOfItsOwn) {
  const JobId id = create(job());
  EXPECT_FALSE(memory::open()->monitoring().job(id));
  EXPECT_FALSE(storage_->capabilities().durable);
  EXPECT_FALSE(storage_->capabilities().shared);
  EXPECT_NE(storage_->runtime(), nullptr);
}

// The slot of a removed job is used again: a locator must not lead to the wrong job.
TEST_F(MemoryStorageTest, AnOutdatedLocatorFindsNobodyElse) {
  const JobId first = create(job());
  const Execution execution = claim().at(0);
  State over = states::succeeded();
  over.retention = 0s;
  ASSERT_EQ(commit(unit().move(ending(execution, over))).status, CommitStatus::applied);
  ASSERT_EQ(storage_->jobs().expire(1).removed, 1U);
  const JobId second = create(job());
  ASSERT_EQ(claim().at(0).ref.locator, execution.ref.locator);

  const CommitResult late = commit(unit().move(ending(execution)));
  EXPECT_EQ(late.status, CommitStatus::conflict);
  EXPECT_EQ(late.conflict, Conflict::not_found);
  EXPECT_EQ(late.job, first);
  EXPECT_EQ(details(second).state, "Processing");
}

TEST_F(MemoryStorageTest, AWrongOrMissingLocatorCostsASearchOnly) {
  create(job());
  create(job());
  std::vector<Execution> executions = claim(2);
  executions[0].ref.locator = executions[1].ref.locator;
  executions[1].ref.locator = 0;
  for (const Execution& execution : executions) {
    EXPECT_EQ(commit(unit().move(ending(execution))).status, CommitStatus::applied);
  }
  Execution far = executions[0];
  far.ref.locator = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(commit(unit().move(ending(far))).status, CommitStatus::already_applied);
  far.ref.locator = -1;
  EXPECT_EQ(commit(unit().move(ending(far))).status, CommitStatus::already_applied);
}

TEST_F(MemoryStorageTest, AUnitCannotMakeAJobRun) {
  const JobId id = create(job());
  const State running{.name = "Processing", .kind = StateKind::running};
  EXPECT_THROW(commit(unit().move(moving(id, running))), UsageError);
  EXPECT_THROW(commit(unit().create(job().state(running))), UsageError);
  EXPECT_EQ(details(id).state, "Enqueued");
}

// Cascades must not depend on the stack.
TEST_F(MemoryStorageTest, AChainOfContinuationsMayBeVeryLong) {
  constexpr int length = 50'000;
  const JobId first = create(job());
  JobId last = first;
  for (int link = 0; link < length; ++link) {
    last = create(job().after(last).when_unmet(states::deleted("the one before is gone")));
  }
  ASSERT_EQ(commit(unit().move(moving(first, states::deleted()))).status, CommitStatus::applied);
  EXPECT_EQ(details(last).state, "Deleted");
  EXPECT_EQ(details(last).reason, "the one before is gone");
}

TEST_F(MemoryStorageTest, AJobMayHaveVeryManyParents) {
  constexpr int count = 20'000;
  UnitBuilder all = unit();
  JobBuilder last = job();
  std::vector<JobId> parents;
  for (int made = 0; made < count; ++made) {
    const JobBuilder parent = job();
    parents.push_back(parent.id());
    last.after(parent.id());
    all.create(parent);
  }
  ASSERT_EQ(commit(all.create(last)).status, CommitStatus::applied);
  const JobId last_parent = parents.back();
  parents.pop_back();
  for (const JobId parent : parents) commit(unit().move(moving(parent, states::succeeded())));
  EXPECT_EQ(details(last.id()).parents, (std::vector<Parent>{{.job = last_parent}}));
  commit(unit().move(moving(last_parent, states::succeeded())));
  EXPECT_EQ(details(last.id()).state, "Enqueued");
}

TEST_F(MemoryStorageTest, OneParentMayCountTwiceUnderDifferentConditions) {
  const JobId parent = create(job());
  const JobId either =
      create(job().after(parent, Condition::finished).after(parent, Condition::succeeded));
  const JobId never =
      create(job().after(parent, Condition::deleted).after(parent, Condition::succeeded));
  EXPECT_EQ(details(parent).children, (std::vector{either, never}));
  EXPECT_EQ(details(either).parents.size(), 2U);
  commit(unit().move(moving(parent, states::succeeded())));
  EXPECT_EQ(details(either).state, "Enqueued");
  EXPECT_EQ(details(never).state, "Deleted");
  EXPECT_TRUE(details(parent).children.empty());
}

// A refused unit restores images of jobs: every row that they stand in must be right afterwards.
TEST_F(MemoryStorageTest, ARefusedUnitLeavesEveryRowAsItWas) {
  const JobId ready = create(job());
  const JobId timed = create(job().scheduled(1h));
  const JobId parked = create(job().state(states::failed()));
  const JobId parent = create(job().priority(-1));
  const JobId child = create(job().after(parent).after(parked, Condition::finished));
  const JobId held = create(job().priority(50).unique("key"));
  const Execution execution = claim().at(0);
  ASSERT_EQ(execution.ref.job, held);
  const auto statistics_before = storage_->monitoring().statistics();

  UnitBuilder refused = unit();
  const JobBuilder created = job().after(parent).priority(99);
  refused.create(created);
  for (const JobId id : {ready, timed, parked, parent, child, held, created.id()}) {
    refused.move(moving(id, states::succeeded()).parameter("a", "1").queue("other"));
    refused.move(moving(id, states::scheduled(1ms)));
    refused.move(moving(id, states::enqueued()).priority(9));
  }
  refused.move(moving(ids_.next<JobId>(), states::deleted()));
  ASSERT_EQ(commit(refused).conflict, Conflict::not_found);

  EXPECT_FALSE(storage_->monitoring().job(created.id()));
  EXPECT_EQ(storage_->monitoring().statistics().live, statistics_before.live);
  EXPECT_EQ(storage_->monitoring().statistics().lifetime, statistics_before.lifetime);
  EXPECT_EQ(history(ready), (Names{"Enqueued"}));
  EXPECT_EQ(history(timed), (Names{"Scheduled"}));
  EXPECT_EQ(history(child), (Names{"Awaiting"}));
  EXPECT_EQ(details(child).parents.size(), 2U);
  EXPECT_EQ(details(parent).children, (std::vector{child}));
  EXPECT_FALSE(details(held).stopping_on);
  EXPECT_EQ(storage_->jobs().held(server_), (std::vector{execution.ref}));
  EXPECT_EQ(commit(unit().move(ending(execution))).status, CommitStatus::applied);
  for (const JobId id : {ready, parent}) EXPECT_EQ(claim().at(0).ref.job, id);
  EXPECT_TRUE(claim().empty());
  offset_->advance(2h);
  EXPECT_EQ(storage_->jobs().promote({}).promoted, 1U);
  EXPECT_EQ(claim().at(0).ref.job, timed);
}

// The usual steps are implicit; whatever mixes with them must come out in the right order.
TEST_F(MemoryStorageTest, HistoryIsTheSameHoweverItIsKept) {
  const JobId id = create(job());
  const auto release = [&](const Execution& execution, ReleaseReason reason) {
    const Released released{.execution = execution.ref, .reason = reason};
    EXPECT_EQ(storage_->jobs().release({&released, 1}).released, 1U);
  };
  release(claim().at(0), ReleaseReason::unstarted);
  EXPECT_EQ(history(id), (Names{"Enqueued"}));
  EXPECT_FALSE(details(id).started_at);

  commit(unit().move(
      ending(claim().at(0), states::scheduled(0s)).instead_of(states::failed()).took(2ms, 1s)));
  const Names once{"Enqueued", "Processing", "(Failed)", "Scheduled"};
  EXPECT_EQ(history(id), once);
  const std::optional<TimePoint> first_start = details(id).started_at;
  EXPECT_TRUE(first_start);

  storage_->jobs().promote({});
  const Execution second = claim().at(0);
  EXPECT_FALSE(details(id).started_at);
  release(second, ReleaseReason::unstarted);
  EXPECT_EQ(history(id), (Names{"Enqueued", "Processing", "(Failed)", "Scheduled", "Enqueued"}));
  EXPECT_EQ(details(id).started_at, first_start);

  release(claim().at(0), ReleaseReason::shutdown);
  commit(unit().move(ending(claim().at(0))));
  EXPECT_EQ(history(id), (Names{"Enqueued", "Processing", "(Failed)", "Scheduled", "Enqueued",
                                "Processing", "Enqueued", "Processing", "Succeeded"}));
}

TEST_F(MemoryStorageTest, AListGoesOnWhereItStoodThoughThatJobIsGone) {
  std::vector<JobId> ids;
  for (int made = 0; made < 6; ++made) ids.push_back(create(job()));
  for (const std::string state : {"", "Enqueued"}) {
    const JobPage first = storage_->monitoring().list({.state = state, .limit = 2});
    ASSERT_EQ(first.jobs.size(), 2U);
    State over = states::deleted();
    over.retention = 0s;
    commit(unit().move(moving(first.jobs[1].id, over)));
    storage_->jobs().expire(1);
    const JobPage second =
        storage_->monitoring().list({.state = state, .limit = 2, .cursor = first.next});
    ASSERT_EQ(second.jobs.size(), 2U);
    EXPECT_EQ(second.jobs[0].id, state.empty() ? ids[3] : ids[2]);
  }
}

TEST_F(MemoryStorageTest, ACursorThatNoListHasGivenIsRefused) {
  for (const std::string cursor :
       {"x", "6", "6:0", "6:0:y:", "6:0:99999999999999999999:", "7:0:0:", "-1:0:0:"}) {
    EXPECT_THROW(storage_->monitoring().list({.cursor = cursor}), UsageError) << cursor;
  }
}

TEST_F(MemoryStorageTest, ClocksThatRunIntoTheEndOfTimeStayThere) {
  State kept = states::succeeded();
  kept.retention = Duration::max();
  const JobId over = create(job().state(kept));
  const JobId far = create(job().scheduled(Duration::max()));
  EXPECT_FALSE(details(over).expires_at);
  EXPECT_EQ(details(far).due_at, TimePoint::max());
  EXPECT_EQ(storage_->jobs().promote({}).promoted, 0U);
}

}  // namespace
}  // namespace portfire
