// Batches through the client.

#include <portfire/batch.hpp>

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/client.hpp>
#include <portfire/error.hpp>
#include <portfire/memory.hpp>

namespace portfire::batch_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Job<void(std::string)> note{"note"};

class BatchTest : public ::testing::Test {
 protected:
  JobDetails details(JobId id) { return client_.find(id).value(); }
  std::string state(JobId id) { return details(id).state; }
  void end(JobId id) { EXPECT_TRUE(client_.change_state(id, states::succeeded())); }

  const std::shared_ptr<Storage> storage_ = memory::open();
  Client client_{storage_};
};

TEST_F(BatchTest, IsStoredWithItsMembersAndTheirIds) {
  BatchId inside;
  JobId member;
  const Creation batch = client_.batch("import", [&](Batch& made) {
    inside = made.id();
    member = made.enqueue(note, "one");
    made.schedule(note, 1h, "two");
    made.continue_with(note, member, "three");
    EXPECT_FALSE(client_.find(member));
  });
  EXPECT_TRUE(batch.created());
  EXPECT_EQ(batch.id, inside);
  EXPECT_EQ(details(batch).name, "portfire.batch");
  EXPECT_EQ(details(batch).arguments, R"(["import"])");
  EXPECT_EQ(details(batch).members, (MemberCounts{.total = 3, .outstanding = 3, .succeeded = 0}));
  EXPECT_EQ(details(member).batch, batch.id);
  EXPECT_EQ(details(member).arguments, R"(["one"])");
}

TEST_F(BatchTest, IsNotStoredIfFillingItThrows) {
  BatchId id;
  EXPECT_THROW(client_.batch("half",
                             [&](Batch& batch) {
                               id = batch.id();
                               batch.enqueue(note, "one");
                               throw std::runtime_error{"no more"};
                             }),
               std::runtime_error);
  EXPECT_FALSE(client_.find(id));
  EXPECT_THAT(storage_->monitoring().list({}).jobs, IsEmpty());
}

TEST_F(BatchTest, OfNothingHasEndedAtOnce) {
  EXPECT_EQ(state(client_.batch("nothing", [](Batch&) {})), "BatchSucceeded");
}

TEST_F(BatchTest, MayHoldBatches) {
  BatchId inner;
  JobId innermost;
  const BatchId outer = client_.batch("outer", [&](Batch& batch) {
    inner = batch.batch("inner", [&](Batch& second) { innermost = second.enqueue(note, "x"); });
    batch.continue_with(note, inner, "then");
  });
  EXPECT_EQ(details(inner).batch, outer);
  EXPECT_EQ(details(innermost).batch, inner);
  EXPECT_EQ(details(outer).members->total, 2U);
  end(innermost);
  EXPECT_EQ(state(inner), "BatchSucceeded");
  EXPECT_EQ(state(outer), "BatchStarted");
}

TEST_F(BatchTest, WaitsForWhatComesBefore) {
  const JobId before = client_.enqueue(note, "before");
  JobId now;
  JobId later;
  JobId last;
  const BatchId batch = client_.batch({.description = "after", .after = before}, [&](Batch& made) {
    now = made.enqueue(note, "now");
    later = made.schedule(note, 1h, "later");
    last = made.continue_with(note, now, "last");
  });
  EXPECT_EQ(state(now), "Awaiting");
  EXPECT_EQ(state(batch), "BatchStarted");
  end(before);
  EXPECT_EQ(state(now), "Enqueued");
  EXPECT_EQ(state(later), "Scheduled");
  EXPECT_EQ(state(last), "Awaiting");
}

TEST_F(BatchTest, EndsWhereWhatComesBeforeDoesNotHold) {
  const JobId before = client_.enqueue(note, "before");
  const BatchId first =
      client_.batch("first", [&](Batch& batch) { batch.continue_with(note, before, "a"); });
  const BatchId second = client_.batch({.after = first}, [&](Batch& batch) {
    const JobId one = batch.enqueue(note, "b");
    batch.continue_with(note, one, "c");
  });
  EXPECT_TRUE(client_.delete_job(before));
  EXPECT_EQ(state(first), "BatchCompleted");
  EXPECT_EQ(state(second), "BatchCompleted");
  EXPECT_EQ(details(second).members, (MemberCounts{.total = 2, .outstanding = 0, .succeeded = 0}));
}

TEST_F(BatchTest, TakesMembersThatNameIt) {
  const BatchId batch = client_.batch("open", [](Batch& made) { made.enqueue(note, "one"); });
  const JobId more = client_.with({.batch = batch}).enqueue(note, "two");
  EXPECT_EQ(details(more).batch, batch);
  const BatchId inner =
      client_.batch({.batch = batch}, [](Batch& made) { made.enqueue(note, "three"); });
  EXPECT_EQ(details(inner).batch, batch);
  EXPECT_EQ(details(batch).members->total, 3U);
}

TEST_F(BatchTest, ThatWasCancelledTakesNone) {
  const BatchId batch = client_.batch("gone", [](Batch& made) { made.enqueue(note, "one"); });
  EXPECT_TRUE(client_.delete_job(batch));
  const Creation more = client_.with({.batch = batch}).enqueue(note, "two");
  EXPECT_EQ(more.status, Creation::Status::rejected);
  EXPECT_THAT(more.reason, HasSubstr("the batch " + to_string(batch) + " takes no members"));
}

TEST_F(BatchTest, IsRejectedWholeWithOneOfItsMembers) {
  client_.with({.unique = {"key"}}).enqueue(note, "holder");
  JobId member;
  const Creation batch = client_.batch("taken", [&](Batch& made) {
    member = made.enqueue(note, "one");
    made.with({.unique = {"key"}}).enqueue(note, "two");
  });
  EXPECT_EQ(batch.status, Creation::Status::rejected);
  EXPECT_FALSE(client_.find(member));
}

TEST_F(BatchTest, IsNotWaitedForByItsMembers) {
  EXPECT_THROW(
      client_.batch("ring", [](Batch& made) { made.continue_with(note, made.id(), "never"); }),
      UsageError);
  const BatchId outer = client_.batch("outer", [](Batch& made) { made.enqueue(note, "one"); });
  EXPECT_THROW(client_.batch({.after = outer, .batch = outer},
                             [](Batch& made) { made.enqueue(note, "never"); }),
               UsageError);
}

TEST_F(BatchTest, AMemberThatWouldWaitForItsBatchByWayOfOthersIsRefused) {
  const BatchId outer = client_.batch("outer", [](Batch& made) { made.enqueue(note, "one"); });
  const BatchId inner =
      client_.batch({.batch = outer}, [](Batch& made) { made.enqueue(note, "two"); });
  const JobId after = client_.continue_with(note, outer, "after the outer one");
  const JobId later = client_.continue_with(note, after, "later");
  for (const BatchId batch : {outer, inner}) {
    for (const JobId parent : {after, later}) {
      try {
        client_.with({.batch = batch}).continue_with(note, parent, "never");
        FAIL() << "a ring was accepted";
      } catch (const UsageError& error) {
        EXPECT_THAT(error.what(), HasSubstr("neither would ever end"));
      }
    }
  }
  EXPECT_THROW(client_.batch({.after = later, .batch = outer},
                             [](Batch& made) { made.enqueue(note, "never"); }),
               UsageError);
  EXPECT_EQ(details(outer).members->total, 2U);
}

TEST_F(BatchTest, AMemberMayWaitForWhateverDoesNotWaitForItsBatch) {
  const BatchId batch = client_.batch("b", [](Batch& made) { made.enqueue(note, "one"); });
  const JobId other = client_.continue_with(note, client_.enqueue(note, "parent"), "child");
  EXPECT_TRUE(client_.with({.batch = batch}).continue_with(note, other, "member").created());
  const JobId after = client_.continue_with(note, batch, "after");
  end(after);
  EXPECT_TRUE(client_.with({.batch = batch}).continue_with(note, after, "member").created());
}

TEST_F(BatchTest, CannotBeRun) {
  const BatchId batch = client_.batch("b", [](Batch& made) { made.enqueue(note, "one"); });
  EXPECT_EQ(client_.requeue(batch).status, Change::Status::is_batch);
  EXPECT_EQ(client_.reschedule(batch, 1h).status, Change::Status::is_batch);
  EXPECT_EQ(client_.move_to_queue(batch, "other").status, Change::Status::is_batch);
}

TEST_F(BatchTest, IsKeptAsLongAsItsOptionsSay) {
  const BatchId batch = client_.batch({.retention = 3h}, [](Batch&) {});
  EXPECT_EQ(details(batch).expires_at, details(batch).since + 3h);
  EXPECT_THROW(client_.batch({.retention = -1h}, [](Batch&) {}), UsageError);
}

}  // namespace
}  // namespace portfire::batch_test
