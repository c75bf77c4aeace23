#include "server/lease_keeper.hpp"

#include <gtest/gtest.h>

#include <portfire/memory.hpp>
#include <portfire/testing/faulty_storage.hpp>
#include <portfire/testing/virtual_clock.hpp>

namespace portfire::server {
namespace {

using namespace std::chrono_literals;

constexpr ServerId self{1, 1};

class LeaseKeeperTest : public ::testing::Test {
 protected:
  LeaseKeeperTest() {
    storage_.coordination().announce({.id = self, .name = "test", .lease = 30s});
    identity_.assume(self);
    lease_.renewed(clock_->steady_now());
  }
  void step() {
    ProcessContext context{.storage = storage_,
                           .runtime = *clock_,
                           .server = self,
                           .stop = stop_.get_token(),
                           .log = log_};
    EXPECT_EQ(keeper_.run_once(context), 5s);
  }

  const std::shared_ptr<testing::VirtualClock> clock_ = std::make_shared<testing::VirtualClock>();
  testing::FaultyStorage storage_{memory::open({.runtime = clock_})};
  const LogSink log_ = silent_sink();
  std::stop_source stop_;
  Identity identity_;
  Lease lease_{30s};
  int renewed_ = 0;
  int recovered_ = 0;
  int lost_ = 0;
  int stop_requested_ = 0;
  LeaseKeeper keeper_{identity_,
                      lease_,
                      {.renewed = [this] { ++renewed_; },
                       .recovered = [this] { ++recovered_; },
                       .lost = [this] { ++lost_; },
                       .stop_requested = [this] { ++stop_requested_; }},
                      log_};
};

TEST_F(LeaseKeeperTest, AHeartbeatRenewsTheLease) {
  clock_->advance(25s);
  EXPECT_FALSE(lease_.may_start(clock_->steady_now()));
  step();
  EXPECT_TRUE(lease_.may_start(clock_->steady_now()));
  EXPECT_EQ(renewed_, 1);
  EXPECT_EQ(recovered_, 0);
  EXPECT_EQ(storage_.coordination().heartbeat(self).servers.at(0).number, 3U);
}

TEST_F(LeaseKeeperTest, AFailedHeartbeatDoesNotRenewIt) {
  clock_->advance(25s);
  storage_.go_down();
  step();
  EXPECT_FALSE(lease_.may_start(clock_->steady_now()));
  EXPECT_EQ(renewed_, 0);
  storage_.come_up();
  step();
  EXPECT_EQ(renewed_, 1);
  EXPECT_EQ(recovered_, 1) << "others may be waiting";
  step();
  EXPECT_EQ(recovered_, 1);
}

TEST_F(LeaseKeeperTest, AServerThatIsNotKnownAnyMoreRejoins) {
  storage_.coordination().remove(self);
  step();
  EXPECT_EQ(lost_, 1);
  EXPECT_EQ(renewed_, 1);
}

TEST_F(LeaseKeeperTest, AWishThatItStopsIsPassedOnAndTheLeaseGoesOn) {
  step();
  EXPECT_EQ(stop_requested_, 0);
  storage_.coordination().ask_to_stop(self);
  step();
  EXPECT_EQ(stop_requested_, 1);
  EXPECT_EQ(renewed_, 2);
}

TEST_F(LeaseKeeperTest, ItListensForTheWish) {
  EXPECT_EQ(keeper_.topics(self), (std::vector{topics::server(self)}));
}

TEST_F(LeaseKeeperTest, AServerThatStopsDoesNotRejoin) {
  storage_.coordination().remove(self);
  stop_.request_stop();
  step();
  EXPECT_EQ(lost_, 0);
}

}  // namespace
}  // namespace portfire::server
