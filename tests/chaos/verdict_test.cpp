// Each kind of complaint, on a run in memory in which that very thing was wrong.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/memory.hpp>
#include <portfire/portfire.hpp>

#include "chaos/verdict.hpp"
#include "chaos/work.hpp"

namespace portfire::chaos {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A small run in which all is well: one that fails at first and has a child, a batch of two, and a
// job that waits for both.
class VerdictTest : public ::testing::Test {
 protected:
  VerdictTest() {
    server_.start();
    Call alone{.fate = Call::Fate::accepted, .numbers = {1}};
    alone.ids = {client_.enqueue(work, 1, 0, 1, 1).id};
    Call members{.fate = Call::Fate::accepted, .numbers = {2, 3}};
    members.batch = {client_
                         .batch("chaos",
                                [&](Batch& batch) {
                                  for (const Number number : members.numbers) {
                                    members.ids.push_back(batch.enqueue(work, number, 0, 0, 0));
                                  }
                                })
                         .id};
    Call after{.fate = Call::Fate::accepted, .numbers = {4}, .after = {{4, 2}, {4, 3}}};
    after.ids = {client_.continue_with(work, members.batch.front(), 4, 0, 0, 0).id};
    for (const Call& call : {alone, members, after}) {
      for (const JobId id : call.ids) EXPECT_TRUE(client_.wait(id, 1min).ended);
      calls_.push_back(call);
    }
    EXPECT_TRUE(client_.wait(members.batch.front(), 1min).ended);
    wait_for_child();
    server_.stop();
  }

  // What is wrong, when these are the calls and the ledger.
  std::vector<std::string> complaints() {
    Verdict verdict{*storage_, calls_, ledger_};
    verdict.reach();
    figures_ = verdict.figures();
    return verdict.complaints();
  }
  LedgerLine& line(Step step, Number number) {
    return *std::ranges::find_if(ledger_, [&](const LedgerLine& each) {
      return each.step == step && each.number == number;
    });
  }
  void erase(Step step, Number number) {
    std::erase_if(ledger_, [&](const LedgerLine& each) {
      return each.step == step && each.number == number;
    });
  }

  const std::shared_ptr<Storage> storage_ = memory::open();
  Client client_{storage_, {.log = silent_sink()}};
  std::vector<Call> calls_;
  std::vector<LedgerLine> ledger_;
  Figures figures_;

 private:
  void write(Step step, const Context& context, Number number) {
    const std::scoped_lock guard{mutex_};
    ledger_.push_back({step, context.job_id(), context.epoch(), number, ++clock_});
  }
  Handlers handlers() {
    Handlers all;
    all.on(work, [this](Number number, int, int failures, int children, Context& context) {
      write(Step::begin, context, number);
      if (context.attempt() <= static_cast<std::uint32_t>(failures)) {
        write(Step::fail, context, number);
        throw std::runtime_error{"as planned"};
      }
      for (int i = 0; i < children; ++i) {
        context.client().enqueue(work, child_number(number, i), 0, 0, 0);
      }
      write(Step::end, context, number);
      return number;
    });
    return all;
  }
  void wait_for_child() {
    for (const JobSummary& job : storage_->monitoring().list({.limit = 100}).jobs) {
      EXPECT_TRUE(client_.wait(job.id, 1min).ended);
    }
  }

  std::mutex mutex_;
  std::int64_t clock_ = 0;  // guarded by mutex_
  Server server_{
      storage_, handlers(), {.workers = 2, .retry = {.delays = {1ms}}, .log = silent_sink()}};
};

TEST_F(VerdictTest, NothingIsWrongWhereAllIsWell) {
  EXPECT_THAT(complaints(), IsEmpty());
  EXPECT_EQ(figures_.jobs, 5U);
  EXPECT_EQ(figures_.lost, 0U);
  EXPECT_EQ(figures_.repeated, 0U);
}

TEST_F(VerdictTest, ARepetitionIsCountedAndNothingWrong) {
  LedgerLine again = line(Step::begin, 2);
  again.epoch += 7;
  ledger_.push_back(again);
  EXPECT_THAT(complaints(), IsEmpty());
  EXPECT_EQ(figures_.repeated, 1U);
}

TEST_F(VerdictTest, AJobThatWasPromisedAndIsNotThereIsLost) {
  calls_.push_back({.fate = Call::Fate::accepted, .numbers = {99}, .ids = {calls_[0].ids[0]}});
  EXPECT_THAT(complaints(), Contains("job 99 is lost"));
  EXPECT_EQ(figures_.lost, 1U);
}

TEST_F(VerdictTest, ACallOfUnknownFateMustNotBeMadeInPart) {
  calls_.push_back({.fate = Call::Fate::unknown, .numbers = {1, 99}});
  EXPECT_THAT(complaints(), Contains("job 1 is one of a call that was made in part"));
}

TEST_F(VerdictTest, WhatWasRefusedMustNotBeThere) {
  calls_[0].fate = Call::Fate::refused;
  EXPECT_THAT(complaints(), Contains("job 1 was refused and is there"));
}

TEST_F(VerdictTest, AnotherIdThanThatWhichWasPromisedIsWrong) {
  calls_[0].ids = calls_[2].ids;
  EXPECT_THAT(complaints(), Contains("job 1 is not the one that was promised"));
}

TEST_F(VerdictTest, ANumberThatAppearsTwiceIsOneJobTooMany) {
  client_.enqueue(work, 1, 0, 0, 0);
  const auto all = complaints();
  EXPECT_THAT(all, Contains("job 1 was created twice"));
}

TEST_F(VerdictTest, AnExecutionIsBegunOnceUnderItsEpoch) {
  ledger_.push_back(line(Step::begin, 2));
  EXPECT_THAT(complaints(), Contains(HasSubstr("job 2 was begun twice under epoch")));
}

TEST_F(VerdictTest, WhoHasSucceededCameToItsEnd) {
  line(Step::end, 2).epoch += 7;
  EXPECT_THAT(complaints(),
              Contains("job 2 has succeeded by an execution that did not come to its end"));
}

TEST_F(VerdictTest, WhoWasToFailFirstHasFailed) {
  erase(Step::fail, 1);
  EXPECT_THAT(complaints(), Contains("job 1 has failed 0 times, not 1"));
}

TEST_F(VerdictTest, WhatWasRunIsThere) {
  LedgerLine ghost = line(Step::begin, 2);
  ghost.number = 99;
  ghost.epoch += 7;
  ledger_.push_back(ghost);
  EXPECT_THAT(complaints(), Contains("job 99 was run and is not there"));
  line(Step::begin, 2).job = line(Step::begin, 1).job;
  EXPECT_THAT(complaints(), Contains("job 2 was run under another id"));
}

TEST_F(VerdictTest, AJobBehindABatchBeginsAfterTheOutcomesOfAllMembers) {
  line(Step::begin, 4).nanoseconds = 0;
  EXPECT_THAT(complaints(), Contains("job 4 did not wait for job 2"));
}

TEST_F(VerdictTest, MembersBelongToTheirBatch) {
  calls_[1].numbers.push_back(1);
  calls_[1].ids.push_back(calls_[0].ids[0]);
  EXPECT_THAT(complaints(), Contains("job 1 is no member of its batch"));
}

TEST_F(VerdictTest, ABatchHasEndedWithItsMembers) {
  const BatchId open =
      client_.batch("open", [](Batch& batch) { batch.enqueue(work, 50, 0, 0, 0); });
  const auto all = complaints();
  EXPECT_THAT(all, Contains("batch " + to_string(open) + " counts its members wrongly"));
  EXPECT_THAT(all, Contains("batch " + to_string(open) + " has ended 0 times"));
  EXPECT_THAT(all, Contains("job 50 was accepted 0 times"));
}

TEST_F(VerdictTest, AChildIsThereExactlyWhenItsParentHasSucceeded) {
  client_.enqueue(work, child_number(77, 0), 0, 0, 0);
  client_.enqueue(work, child_number(2, 0), 0, 0, 0);
  const auto all = complaints();
  EXPECT_THAT(all, Contains(HasSubstr("is there although its parent has not succeeded")));
  EXPECT_THAT(all, Contains(HasSubstr("is one that nobody enqueued")));
}

TEST_F(VerdictTest, AChildIsNotRunBeforeItsParentHasSucceeded) {
  line(Step::begin, child_number(1, 0)).nanoseconds = 0;
  EXPECT_THAT(complaints(), Contains(HasSubstr("did not wait for job 1")));
}

}  // namespace
}  // namespace portfire::chaos
