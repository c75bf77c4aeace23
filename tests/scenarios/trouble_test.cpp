// Lost leases, dead servers, storages that are away.

#include <stdexcept>

#include <gmock/gmock.h>

#include "scenarios/scenario.hpp"

namespace portfire::scenarios::trouble_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

class InTrouble : public Scenario {
 protected:
  // Another server's view: the named one is dead.
  ReclaimResult reclaim(ServerId dead) {
    return storage().jobs().reclaim({.servers = {dead}, .by = {}, .crash_limit = 0});
  }
};
PORTFIRE_SCENARIOS(InTrouble);

constexpr Job<void(std::string)> note{"note"};

TEST_P(InTrouble, AServerThatWasTakenForDeadRejoinsUnderANewId) {
  Gate began;
  Gate go_on;
  Notes notes;
  std::atomic<StopReason> reason{StopReason::none};
  Handlers handlers;
  handlers.on(note, [&](std::string text) { notes.add(std::move(text)); });
  handlers.on("hold", [&](Context& context) {
    if (context.epoch() > 1) return std::string{"second"};
    began.open();
    Gate never;
    EXPECT_FALSE(never.wait(context.stop_token()));
    reason = context.stop_reason();
    EXPECT_TRUE(go_on.wait());
    return std::string{"first"};
  });
  ServerOptions options = quick();
  options.lease = 1s;
  Server& server = start(handlers, options);
  const ServerId before = server.id();
  const JobId id = client().enqueue_raw("hold", "[]");
  ASSERT_TRUE(began.wait());
  reclaim(before);
  EXPECT_TRUE(until([&] { return server.id() != before; }));
  EXPECT_EQ(rest(id), "Succeeded");
  go_on.open();
  EXPECT_EQ(rest(client().enqueue(note, "after")), "Succeeded");
  stop_all();
  EXPECT_NE(reason.load(), StopReason::none);
  EXPECT_EQ(client().result<std::string>(id), "second") << "the old epoch's outcome is refused";
  EXPECT_THAT(log().lines_with("the lease was lost"), SizeIs(1));
}

// The second server of the pair sees the first one's number stand still.
TEST_P(InTrouble, AServerThatFellSilentIsReclaimedAfterItsLease) {
  storage().coordination().announce(
      {.id = ServerId{7, 7}, .name = "silent", .job_names = {"note"}, .lease = 1s});
  const JobId id = client().enqueue(note, "held");
  ASSERT_THAT(storage()
                  .jobs()
                  .claim({.server = ServerId{7, 7}, .token = 1, .queues = {"default"}, .max = 1})
                  .executions,
              SizeIs(1));
  Notes notes;
  Handlers handlers;
  handlers.on(note, [&](std::string text) { notes.add(std::move(text)); });
  ServerOptions options = quick();
  options.lease = 3s;  // looks every half second
  start(handlers, options);
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_THAT(notes.all(), ElementsAre("held"));
  EXPECT_EQ(storage().monitoring().servers().size(), 1U);
}

TEST_P(InTrouble, AnOutageLosesNothingAndFloodsNoLog) {
  Gate began;
  Gate go_on;
  std::atomic<int> runs{0};
  Handlers handlers;
  handlers.on(note, [&](std::string) {
    ++runs;
    began.open();
    EXPECT_TRUE(go_on.wait());
  });
  ServerOptions options = quick();
  options.lease = 2s;
  start(handlers, options);
  std::vector<std::string> calls(20, "job");
  const auto created = client().enqueue_all(note, calls);
  ASSERT_TRUE(began.wait());
  const Strings activities = {"storing outcomes", "claiming jobs", "the heartbeat", "scheduler"};
  faults().go_down();
  go_on.open();
  // Every part of the server has met the outage, the heartbeat several times.
  const std::uint64_t before = faults().verbs();
  EXPECT_TRUE(until([&] {
    return faults().verbs() > before + 8 &&
           std::none_of(activities.begin(), activities.end(),
                        [&](const std::string& each) { return log().lines_with(each).empty(); });
  }));
  faults().come_up();
  for (const Creation& each : created) EXPECT_EQ(rest(each), "Succeeded");
  EXPECT_GE(runs.load(), 20);
  for (const std::string& activity : activities) {
    EXPECT_THAT(log().lines_with(activity), SizeIs(Le(2))) << activity;
  }
}

TEST_P(InTrouble, AServerStartsOnlyWithItsStorage) {
  faults().go_down();
  Server server{shared_storage(), {}, quick()};
  EXPECT_THROW(server.start(), StorageError);
  faults().come_up();
  server.start();
  EXPECT_THROW(server.start(), UsageError);
  server.stop();
  server.stop();
  server.start();
}

TEST_P(InTrouble, AStopDuringAnOutageEndsAtTheShutdownTimeout) {
  Gate began;
  Gate go_on;
  Handlers handlers;
  handlers.on(note, [&](std::string) {
    began.open();
    EXPECT_TRUE(go_on.wait());
  });
  ServerOptions options = quick();
  options.shutdown_timeout = 10ms;
  start(handlers, options);
  const JobId id = client().enqueue(note, "job");
  ASSERT_TRUE(began.wait());
  faults().go_down();
  go_on.open();
  stop_all();
  EXPECT_THAT(log().lines_with("could not sign off"), SizeIs(1));
  faults().come_up();
  EXPECT_EQ(details(id).state, "Processing") << "its lease has to run out";
}

// Each step of the whole life of three jobs fails once, before or after its effect.
TEST_P(InTrouble, WhicheverStepFailsEveryJobEndsOnce) {
  for (const auto moment :
       {testing::FaultMoment::before_effect, testing::FaultMoment::after_effect}) {
    for (std::uint64_t n = 1; n <= 25; ++n) {
      SCOPED_TRACE("step " + std::to_string(n));
      std::atomic<int> runs{0};
      Handlers handlers;
      handlers.on(note, [&](std::string, Context& context) {
        ++runs;
        context.log("line");
        context.client().enqueue_raw("child", "[]");
      });
      handlers.on("child", [&] { ++runs; });
      start(handlers);
      faults().fail_nth(n, moment);
      const JobId one = client().enqueue(note, "one");
      const JobId two = client().enqueue(note, "two");
      const JobId after = client().continue_raw("child", "[]", {one, two});
      // Asked of the storage itself: the watch of a client must not fail.
      EXPECT_TRUE(until([&] {
        try {
          return details(after).state == "Succeeded";
        } catch (const StorageError&) {
          return false;
        }
      }));
      EXPECT_TRUE(until([&] {
        try {
          for (const StateCount& live : storage().monitoring().statistics().live) {
            if (live.state != "Succeeded") return false;
          }
          return true;
        } catch (const StorageError&) {
          return false;
        }
      }));
      faults().fail_none();
      stop_all();
      EXPECT_EQ(runs.load(), 5);
    }
  }
}

TEST_P(InTrouble, SuspectsRunAloneAndFinishingClearsThem) {
  // Two servers that crashed held two jobs each.
  std::vector<JobId> jobs;
  for (int i = 0; i < 4; ++i) jobs.push_back(client().enqueue(note, std::to_string(i)));
  const ServerId dead{7, 7};
  storage().coordination().announce({.id = dead, .name = "dead", .job_names = {"note"}});
  storage().jobs().claim({.server = dead, .token = 1, .queues = {"default"}, .max = 4});
  reclaim(dead);
  for (const JobId id : jobs) ASSERT_TRUE(details(id).suspect);

  std::atomic<int> at_once{0};
  std::atomic<int> most{0};
  Handlers handlers;
  handlers.on(note, [&](std::string) {
    most = std::max(most.load(), ++at_once);
    --at_once;
  });
  ServerOptions options = quick();
  options.poll_interval = 1h;  // the next suspect must not wait for a poll
  start(handlers, options);
  for (const JobId id : jobs) {
    EXPECT_EQ(rest(id), "Succeeded");
    EXPECT_FALSE(details(id).suspect);
  }
  EXPECT_EQ(most.load(), 1);
}

TEST_P(InTrouble, APoisonedJobFailsWithThatReason) {
  const JobId id = client().enqueue(note, "poison");
  for (std::uint64_t crash = 1; crash <= 3; ++crash) {
    const ServerId victim{7, crash};
    storage().coordination().announce({.id = victim, .name = "victim", .lease = 1s});
    ASSERT_THAT(storage()
                    .jobs()
                    .claim({.server = victim, .token = 1, .queues = {"default"}, .max = 1})
                    .executions,
                SizeIs(1));
    if (crash < 3) storage().jobs().reclaim({.servers = {victim}, .by = {}, .crash_limit = 2});
  }
  Handlers handlers;
  handlers.on(note, [](std::string) { FAIL() << "poison was run"; });
  ServerOptions options = quick();
  options.lease = 3s;
  options.crash_limit = 2;
  start(handlers, options);
  EXPECT_EQ(rest(id), "Failed");
  EXPECT_EQ(details(id).reason, "It was running in 2 servers when they crashed");
}

}  // namespace
}  // namespace portfire::scenarios::trouble_test
