// How servers find each other.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;

void keep_servers() {}

namespace {

// The number that the others see.
std::uint64_t number_of(const HeartbeatResult& result, ServerId id) {
  for (const ServerBeat& beat : result.servers) {
    if (beat.id == id) return beat.number;
  }
  return 0;
}

}  // namespace

TEST_P(Servers, AnAnnouncedServerIsListedAsItDescribedItself) {
  const ServerInfo info{.id = new_id<ServerId>(),
                        .name = "host:123",
                        .host = "boot-id",
                        .lock = "/run/lock",
                        .workers = 20,
                        .queues = {"critical", "default"},
                        .job_names = {"a", "b"},
                        .lease = 45s,
                        .version = "1.2.3"};
  const TimePoint before = now();
  coordination().announce(info);
  const std::vector<ServerSummary> servers = monitoring().servers();
  ASSERT_EQ(servers.size(), 1U);
  const ServerSummary& server = servers[0];
  EXPECT_EQ(server.info.id, info.id);
  EXPECT_EQ(server.info.name, info.name);
  EXPECT_EQ(server.info.host, info.host);
  EXPECT_EQ(server.info.lock, info.lock);
  EXPECT_EQ(server.info.workers, info.workers);
  EXPECT_EQ(server.info.queues, info.queues);
  EXPECT_EQ(server.info.job_names, info.job_names);
  EXPECT_EQ(server.info.lease, info.lease);
  EXPECT_EQ(server.info.version, info.version);
  EXPECT_GE(server.started_at, before);
  EXPECT_EQ(server.heartbeat_at, server.started_at);
  EXPECT_EQ(server.running, 0U);
}

TEST_P(Servers, ASecondAnnouncementReplacesTheFirst) {
  ServerInfo info = server().info();
  const TimePoint started_at = monitoring().servers().at(0).started_at;
  advance(1min);
  info.workers = 99;
  info.version = "2.0.0";
  info.queues = {"other"};
  info.job_names = {};
  coordination().announce(info);
  const std::vector<ServerSummary> servers = monitoring().servers();
  ASSERT_EQ(servers.size(), 1U);
  EXPECT_EQ(servers[0].info.workers, 99U);
  EXPECT_EQ(servers[0].info.version, "2.0.0");
  EXPECT_EQ(servers[0].info.queues, info.queues);
  EXPECT_TRUE(servers[0].info.job_names.empty());
  EXPECT_EQ(servers[0].started_at, started_at);
}

TEST_P(Servers, AServerThatForgotANameNoLongerServesItsLane) {
  create(job("rare"));
  release(claim_one(), ReleaseReason::no_handler);
  TestServer expert = new_server({"rare"});
  ServerInfo info = expert.info();
  info.job_names = {"common"};
  coordination().announce(info);
  EXPECT_TRUE(expert.claim(1).empty());
}

TEST_P(Servers, AnAnnouncementKeepsWhatTheServerHolds) {
  create(job());
  const Execution execution = claim_one();
  coordination().announce(server().info());
  EXPECT_EQ(server().held(), (std::vector{execution.ref}));
}

TEST_P(Servers, ServersAreListedByTheirStart) {
  std::vector<ServerId> started;
  for (int made = 0; made < 3; ++made) {
    started.push_back(new_server().id());
    advance(1s);
  }
  std::vector<ServerId> listed;
  for (const ServerSummary& server : monitoring().servers()) listed.push_back(server.info.id);
  EXPECT_EQ(listed, started);
}

TEST_P(Servers, HeartbeatNumbersStartAtOneAndGrowByOne) {
  const ServerId me = server().id();
  TestServer other = new_server();
  EXPECT_EQ(number_of(coordination().heartbeat(other.id()), me), 1U);
  EXPECT_EQ(number_of(coordination().heartbeat(me), me), 2U);
  EXPECT_EQ(number_of(coordination().heartbeat(me), me), 3U);
  EXPECT_EQ(number_of(coordination().heartbeat(other.id()), me), 3U);
}

TEST_P(Servers, TheNumberGoesOnAfterASecondAnnouncement) {
  const ServerId me = server().id();
  coordination().heartbeat(me);
  coordination().announce(server().info());
  EXPECT_GE(number_of(coordination().heartbeat(me), me), 3U);
}

TEST_P(Servers, AHeartbeatAnswersWithEverybodyById) {
  const ServerInfo neighbour{
      .id = new_id<ServerId>(), .host = "host", .lock = "/lock", .lease = 7s};
  const ServerId me = server().id();
  coordination().announce(neighbour);
  const HeartbeatResult result = coordination().heartbeat(me);
  EXPECT_TRUE(result.known);
  const ServerInfo& mine = server().info();
  EXPECT_EQ(
      result.servers,
      (std::vector<ServerBeat>{
          {.id = neighbour.id, .number = 1, .host = "host", .lock = "/lock", .lease = 7s},
          {.id = me, .number = 2, .host = mine.host, .lock = mine.lock, .lease = mine.lease}}));
}

TEST_P(Servers, AHeartbeatIsSeen) {
  const ServerId me = server().id();
  const TimePoint announced = monitoring().servers().at(0).heartbeat_at;
  advance(1min);
  coordination().heartbeat(me);
  EXPECT_GE(monitoring().servers().at(0).heartbeat_at, announced + 1min);
  EXPECT_EQ(monitoring().servers().at(0).started_at, announced);
}

TEST_P(Servers, AServerThatIsGoneIsNotBroughtBackByAHeartbeat) {
  const ServerId gone = new_server().id();
  coordination().remove(gone);
  EXPECT_FALSE(coordination().heartbeat(gone).known);
  EXPECT_FALSE(coordination().heartbeat(gone).known);
  EXPECT_TRUE(monitoring().servers().empty());
}

TEST_P(Servers, ARemovedServerIsNoLongerListed) {
  TestServer leaving = new_server();
  const ServerId me = server().id();
  coordination().remove(leaving.id());
  ASSERT_EQ(monitoring().servers().size(), 1U);
  EXPECT_EQ(monitoring().servers()[0].info.id, me);
  EXPECT_EQ(number_of(coordination().heartbeat(me), leaving.id()), 0U);
}

TEST_P(Servers, RemovingAnUnknownServerDoesNothing) {
  create(job());
  const Execution execution = claim_one();
  coordination().remove(new_id<ServerId>());
  EXPECT_EQ(server().held(), (std::vector{execution.ref}));
}

TEST_P(Servers, AServerThatWasAskedToStopIsToldByEachHeartbeat) {
  const ServerId asked = new_server().id();
  const ServerId other = server().id();
  EXPECT_FALSE(coordination().heartbeat(asked).stop_requested);
  EXPECT_TRUE(coordination().ask_to_stop(asked));
  for (int beat = 0; beat < 2; ++beat) {
    const HeartbeatResult result = coordination().heartbeat(asked);
    EXPECT_TRUE(result.known);
    EXPECT_TRUE(result.stop_requested);
    EXPECT_EQ(result.servers.size(), 2U);
  }
  EXPECT_FALSE(coordination().heartbeat(other).stop_requested);
}

TEST_P(Servers, AServerThatWasAskedToStopIsShownAsSuch) {
  const ServerId asked = new_server().id();
  EXPECT_FALSE(monitoring().servers().at(0).stopping);
  coordination().ask_to_stop(asked);
  EXPECT_TRUE(monitoring().servers().at(0).stopping);
}

TEST_P(Servers, AskingAgainChangesNothing) {
  const ServerId asked = server().id();
  EXPECT_TRUE(coordination().ask_to_stop(asked));
  EXPECT_TRUE(coordination().ask_to_stop(asked));
  EXPECT_TRUE(coordination().heartbeat(asked).stop_requested);
}

TEST_P(Servers, AskingAServerThatDoesNotExistIsFalse) {
  const ServerId gone = new_server().id();
  coordination().remove(gone);
  EXPECT_FALSE(coordination().ask_to_stop(gone));
  EXPECT_FALSE(coordination().ask_to_stop(new_id<ServerId>()));
  EXPECT_FALSE(coordination().heartbeat(gone).stop_requested);
}

TEST_P(Servers, AnAnnouncementForgetsTheWishThatItStops) {
  const ServerInfo staying = server().info();
  coordination().ask_to_stop(staying.id);
  coordination().announce(staying);
  EXPECT_FALSE(coordination().heartbeat(staying.id).stop_requested);
  EXPECT_FALSE(monitoring().servers().at(0).stopping);
}

TEST_P(Servers, AServerThatComesBackHasNotBeenAskedToStop) {
  const ServerInfo returning = new_server().info();
  coordination().ask_to_stop(returning.id);
  coordination().remove(returning.id);
  coordination().announce(returning);
  EXPECT_FALSE(coordination().heartbeat(returning.id).stop_requested);
}

TEST_P(Servers, AServerThatWasAskedToStopKeepsWhatItHolds) {
  create(job());
  const Execution execution = claim_one();
  coordination().ask_to_stop(server().id());
  EXPECT_EQ(server().held(), (std::vector{execution.ref}));
}

TEST_P(Servers, AServersRunningJobsAreCounted) {
  create_many(3);
  const std::vector<Execution> executions = claim(3);
  finish(executions[0]);
  EXPECT_EQ(monitoring().servers().at(0).running, 2U);
}

}  // namespace portfire::conformance
