// Servers, locks, settings, what is read and what is told, with the network cut anywhere.

#include <string>
#include <vector>

#include "fault_cases/cut_verbs.hpp"

namespace portfire::faults {
namespace {

using ::testing::SizeIs;

TEST_F(CutVerbs, ServersComeBeatAndGo) {
  cut_everywhere([&] {
    const ServerId server = ids_.next<ServerId>();
    Coordination& far = far_->coordination();
    far.announce({.id = server, .name = "test"});
    EXPECT_TRUE(far.heartbeat(server).known);
    EXPECT_TRUE(far.ask_to_stop(server));
    EXPECT_TRUE(far.heartbeat(server).stop_requested);
    far.remove(server);
    EXPECT_FALSE(near_->coordination().heartbeat(server).known);
  });
}

TEST_F(CutVerbs, ALockStaysTheSameLock) {
  int locks = 0;
  cut_everywhere([&] {
    const std::string name = "lock " + std::to_string(++locks);
    Coordination& far = far_->coordination();
    const auto lock = far.acquire_lock(name, "me", 1h);
    ASSERT_TRUE(lock);
    EXPECT_EQ(lock->fence, 1U);
    EXPECT_TRUE(far.renew_lock(*lock, 1h));
    EXPECT_FALSE(near_->coordination().acquire_lock(name, "other", 1h));
    far.release_lock(*lock);
    EXPECT_TRUE(near_->coordination().acquire_lock(name, "other", 1h));
  });
}

TEST_F(CutVerbs, SettingsOfAQueueChangeOnce) {
  std::uint64_t version = 0;
  cut_everywhere([&] {
    bool changed = false;
    const int losses = until_known(
        [&] { changed = far_->coordination().set_queue({.name = "default", .version = version}); });
    // Who is not told that it was done finds the version changed.
    EXPECT_TRUE(changed || losses > 0);
    const auto settings = near_->coordination().queue_settings();
    ASSERT_THAT(settings, SizeIs(1));
    EXPECT_EQ(settings.front().version, version + 1);
    version = settings.front().version;
  });
}

TEST_F(CutVerbs, AnEntryOfTheAuditLogStandsThereAtMostOnceForEachCall) {
  std::size_t entries = 0;
  cut_everywhere([&] {
    std::uint64_t number = 0;
    const int losses = until_known([&] { number = far_->coordination().record({.actor = "ann"}); });
    far_->coordination().conclude(number, "done");
    const auto all = near_->monitoring().audit({.limit = 1000});
    ASSERT_GT(all.size(), entries);
    EXPECT_LE(all.size(), entries + 1 + static_cast<std::size_t>(losses));
    EXPECT_EQ(all.front().number, number);
    EXPECT_EQ(all.front().outcome, "done");
    entries = all.size();
  });
}

TEST_F(CutVerbs, WhatIsReadIsReadAgain) {
  const Execution execution = new_execution();
  const JobId id = execution.ref.job;
  const ExecutionRef lost{.job = id, .epoch = execution.ref.epoch + 1};
  const TimePoint before = near_->monitoring().now();
  cut_everywhere([&] {
    Monitoring& far = far_->monitoring();
    EXPECT_GE(far.now(), before);
    EXPECT_EQ(far.statistics().lifetime.at("Created"), 1U);
    EXPECT_THAT(far.history(before - 1h, before + 1h), SizeIs(1));
    EXPECT_THAT(far.list({.state = "Processing"}).jobs, SizeIs(1));
    EXPECT_EQ(far.job(id)->state, "Processing");
    EXPECT_THAT(far.log(id, 0, 10), SizeIs(0));
    EXPECT_THAT(far.queues(), SizeIs(1));
    EXPECT_THAT(far.servers(), SizeIs(1));
    EXPECT_THAT(far.audit({}), SizeIs(0));
    EXPECT_GT(far.report().bytes, 0U);
    EXPECT_THAT(far_->jobs().held(server_), SizeIs(1));
    EXPECT_THAT(far_->jobs().revoked(std::vector{execution.ref, lost}), SizeIs(1));
    EXPECT_THAT(far_->coordination().queue_settings(), SizeIs(0));
  });
}

TEST_F(CutVerbs, NewsReachThoseWhoWait) {
  const auto listening = place_->open({});
  const auto subscription = listening->wakeup().subscribe({"my/topic"});
  cut_everywhere([&] {
    far_->wakeup().notify(std::vector<std::string>{"my/topic"});
    EXPECT_TRUE(subscription->wait_until(listening->runtime()->steady_now() + 1min, {}));
  });
}

}  // namespace
}  // namespace portfire::faults
