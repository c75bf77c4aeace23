// What is done to jobs, with the network cut anywhere.

#include <string>
#include <vector>

#include "fault_cases/cut_verbs.hpp"

namespace portfire::faults {
namespace {

using testing::ending;
using testing::JobBuilder;
using testing::moving;
using ::testing::SizeIs;

TEST_F(CutVerbs, AJobIsCreatedOnce) {
  std::size_t jobs = 0;
  cut_everywhere([&] {
    EXPECT_TRUE(commit(*far_, unit().create(job())).done());
    ++jobs;
  });
  EXPECT_EQ(place_->jobs(), jobs);
  EXPECT_EQ(ever("Created"), jobs);
}

// Of which a storage need not look whether it has been sent before, until it is sent again.
TEST_F(CutVerbs, AJobThatIsNewIsCreatedOnce) {
  std::size_t jobs = 0;
  cut_everywhere([&] {
    Unit creation = unit().create(job());
    creation.is_new = true;
    EXPECT_TRUE(commit(*far_, creation).done());
    ++jobs;
  });
  EXPECT_EQ(place_->jobs(), jobs);
  EXPECT_EQ(ever("Created"), jobs);
}

TEST_F(CutVerbs, JobsOfOneUnitAreCreatedTogetherAndOnce) {
  std::size_t jobs = 0;
  cut_everywhere([&] {
    const JobBuilder parent = job();
    EXPECT_TRUE(commit(*far_, unit()
                                  .create(parent)
                                  .create(job().after(parent.id()))
                                  .create(job().unique(to_string(parent.id()))))
                    .done());
    jobs += 3;
  });
  EXPECT_EQ(place_->jobs(), jobs);
  EXPECT_EQ(ever("Created"), jobs);
}

TEST_F(CutVerbs, AJobIsFinishedOnce) {
  std::size_t jobs = 0;
  cut_everywhere([&] {
    const Execution execution = new_execution();
    EXPECT_TRUE(commit(*far_, unit().move(ending(execution))).done());
    EXPECT_EQ(state_of(execution.ref.job), "Succeeded");
    ++jobs;
  });
  EXPECT_EQ(ever("Succeeded"), jobs);
  EXPECT_EQ(near_->monitoring().statistics().live.front().count, jobs);
}

// Several statements and rounds in one transaction.
TEST_F(CutVerbs, AMixedCallIsDoneOnce) {
  std::size_t calls = 0;
  cut_everywhere([&] {
    const Execution well = new_execution();
    const Execution badly = new_execution();
    const JobBuilder first = job();
    const std::vector<Unit> units{unit().create(first), unit().move(ending(well)),
                                  unit().move(ending(badly, states::failed("broken"))),
                                  unit().move(moving(first.id(), states::deleted()))};
    for (const CommitResult& result : far_->jobs().commit(units)) EXPECT_TRUE(result.done());
    EXPECT_EQ(state_of(badly.ref.job), "Failed");
    EXPECT_EQ(state_of(first.id()), "Deleted");
    ++calls;
  });
  EXPECT_EQ(ever("Succeeded"), calls);
  EXPECT_EQ(ever("Failed"), calls);
  EXPECT_EQ(ever("Deleted"), calls);
}

TEST_F(CutVerbs, ALostClaimIsAnsweredAgain) {
  cut_everywhere([&] {
    const JobBuilder one = job();
    const JobBuilder two = job();
    commit(*near_, unit().create(one).create(two));
    const auto executions = far_->jobs().claim({server_, ++token_, {"default"}, 2}).executions;
    ASSERT_THAT(executions, SizeIs(2));
    EXPECT_EQ(executions[0].ref.job, one.id());
    EXPECT_EQ(executions[1].ref.job, two.id());
    EXPECT_THAT(near_->jobs().held(server_), SizeIs(2)) << "nobody runs the others";
    for (const Execution& each : executions) commit(*near_, unit().move(ending(each)));
  });
}

TEST_F(CutVerbs, WhatIsGivenBackIsReadyAgain) {
  commit(*near_, unit().create(job()));
  cut_everywhere([&] {
    const std::vector<Released> released{{claimed(server_).ref, ReleaseReason::unstarted}};
    far_->jobs().release(released);
    EXPECT_THAT(near_->jobs().held(server_), SizeIs(0));
  });
}

TEST_F(CutVerbs, WhatIsDueIsPromoted) {
  cut_everywhere([&] {
    const JobBuilder due = job().scheduled(Duration::zero());
    commit(*near_, unit().create(due));
    far_->jobs().promote({});
    EXPECT_EQ(state_of(due.id()), "Enqueued");
  });
}

TEST_F(CutVerbs, MembersOfADeletedBatchGoWithIt) {
  cut_everywhere([&] {
    const JobBuilder batch = job().as_batch();
    const JobBuilder member = job().in(batch.id());
    commit(*near_, unit().create(batch).create(member));
    commit(*near_, unit().move(moving(batch.id(), states::deleted())));
    far_->jobs().promote({});
    EXPECT_EQ(state_of(member.id()), "Deleted");
  });
}

TEST_F(CutVerbs, WhatHasExpiredIsRemoved) {
  cut_everywhere([&] {
    const JobBuilder over = job();
    State gone = states::deleted();
    gone.retention = Duration::zero();
    commit(*near_, unit().create(over).move(moving(over.id(), gone)));
    far_->jobs().expire(10);
    EXPECT_EQ(state_of(over.id()), "(none)");
    EXPECT_EQ(place_->jobs(), 0U);
  });
}

// Poison is handed to the caller, and to nobody else: it must not be lost on the way.
TEST_F(CutVerbs, PoisonReachesTheCallerOrTheCallerKnowsThatItMayHaveSome) {
  cut_everywhere([&] {
    const ServerId first = ids_.next<ServerId>();
    const ServerId second = ids_.next<ServerId>();
    announce(first);
    announce(second);
    commit(*near_, unit().create(job()));
    claimed(first);
    near_->jobs().reclaim({.servers = {first}, .by = server_, .crash_limit = 1});
    const JobId poison = claimed(second).ref.job;
    std::vector<Execution> handed;
    const ReclaimRequest request{.servers = {second}, .by = server_, .crash_limit = 1};
    const int losses = until_known([&] { handed = far_->jobs().reclaim(request).poisoned; });
    if (losses == 0) {
      ASSERT_THAT(handed, SizeIs(1));
      EXPECT_EQ(handed[0].ref.job, poison);
    }
    const auto held = near_->jobs().held(server_);
    ASSERT_THAT(held, SizeIs(1));
    EXPECT_EQ(held[0].job, poison);
    const Transition end = moving(poison, states::failed("poison")).under(held[0]);
    EXPECT_TRUE(commit(*near_, unit().move(end)).done());
  });
}

TEST_F(CutVerbs, ParametersAndLogLinesAreStored) {
  const Execution execution = new_execution();
  std::uint64_t lines = 0;
  int value = 0;
  cut_everywhere([&] {
    const std::string json = std::to_string(++value);
    EXPECT_TRUE(far_->jobs().set_parameters(execution.ref.job, {{"value", json}}));
    EXPECT_EQ(near_->monitoring().job(execution.ref.job)->parameters.at("value"), json);
    far_->jobs().report(std::vector{
        Report{.execution = execution.ref, .lines = {{.text = "line", .number = ++lines}}}});
    EXPECT_THAT(near_->monitoring().log(execution.ref.job, 0, 10'000), SizeIs(lines));
  });
}

}  // namespace
}  // namespace portfire::faults
