#include "server/reclaimer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/client.hpp>
#include <portfire/memory.hpp>
#include <portfire/testing/faulty_storage.hpp>
#include <portfire/testing/virtual_clock.hpp>

namespace portfire::server::reclaimer_test {
namespace {

using namespace std::chrono_literals;

constexpr ServerId self{1, 1};
constexpr ServerId dead{2, 2};

class ReclaimerTest : public ::testing::Test {
 protected:
  ReclaimerTest() {
    storage_->coordination().announce({.id = self, .name = "self", .lease = 30s});
    reclaimer_.emplace(5s, 1, "", [this](std::vector<Execution> poisoned) {
      for (Execution& each : poisoned) poisoned_.push_back(std::move(each));
    });
  }
  // The dead server holds one job, which has been running in as many crashes before.
  JobId crash(int crashes) {
    const JobId id = client_.enqueue_raw("work", "[]");
    for (int i = 0; i <= crashes; ++i) {
      storage_->coordination().announce(
          {.id = dead, .name = "dead", .job_names = {"work"}, .lease = 10s});
      storage_->jobs().claim({.server = dead, .token = ++token_, .queues = {"default"}, .max = 1});
      if (i < crashes) storage_->jobs().reclaim({.servers = {dead}, .by = {}, .crash_limit = 0});
    }
    return id;
  }
  Duration step() {
    ProcessContext context{
        .storage = *storage_, .runtime = *clock_, .server = self, .stop = {}, .log = log_};
    return reclaimer_->run_once(context);
  }
  // Steps until the silent server's lease is over.
  void wait_out() {
    for (int i = 0; i < 3; ++i) {
      step();
      clock_->advance(5s);
    }
  }

  const std::shared_ptr<testing::VirtualClock> clock_ = std::make_shared<testing::VirtualClock>();
  const std::shared_ptr<testing::FaultyStorage> storage_ =
      std::make_shared<testing::FaultyStorage>(memory::open({.runtime = clock_}));
  Client client_{storage_, {.log = silent_sink()}};
  const LogSink log_ = silent_sink();
  std::uint64_t token_ = 0;
  std::optional<Reclaimer> reclaimer_;
  std::vector<Execution> poisoned_;
};

TEST_F(ReclaimerTest, TakesTheJobsOfASilentServerBack) {
  const JobId id = crash(0);
  step();
  EXPECT_EQ(client_.find(id)->state, "Processing");
  clock_->advance(5s);
  step();
  clock_->advance(5s);
  step();
  EXPECT_EQ(client_.find(id)->state, "Enqueued");
  EXPECT_TRUE(client_.find(id)->suspect);
  EXPECT_EQ(storage_->monitoring().servers().size(), 1U);
}

TEST_F(ReclaimerTest, ComesBackWhenTheNextLeaseMayEnd) {
  EXPECT_EQ(step(), 5s);
  crash(0);
  EXPECT_EQ(step(), 5s);
  clock_->advance(5s);
  EXPECT_EQ(step(), 5s);
  clock_->advance(4s);
  EXPECT_EQ(step(), 1s);
}

TEST_F(ReclaimerTest, HandsPoisonOn) {
  const JobId id = crash(1);
  wait_out();
  ASSERT_EQ(poisoned_.size(), 1U);
  EXPECT_EQ(poisoned_[0].ref.job, id);
  EXPECT_EQ(poisoned_[0].crashes, 1U);
}

TEST_F(ReclaimerTest, FindsPoisonWhoseAnswerWasLost) {
  const JobId id = crash(1);
  step();
  clock_->advance(5s);
  step();
  clock_->advance(5s);
  storage_->fail_nth(2, testing::FaultMoment::after_effect);  // heartbeat, reclaim
  EXPECT_THROW(step(), StorageError);
  EXPECT_TRUE(poisoned_.empty());
  step();
  ASSERT_EQ(poisoned_.size(), 1U);
  EXPECT_EQ(poisoned_[0].ref.job, id);
  EXPECT_EQ(poisoned_[0].ref.epoch, client_.find(id)->epoch);
  EXPECT_EQ(poisoned_[0].name, "work");
  step();
  EXPECT_EQ(poisoned_.size(), 1U) << "once";
}

TEST_F(ReclaimerTest, AServerThatIsNotKnownItselfTakesNothing) {
  const JobId id = crash(0);
  storage_->coordination().remove(self);
  wait_out();
  EXPECT_EQ(client_.find(id)->state, "Processing");
}

}  // namespace
}  // namespace portfire::server::reclaimer_test
