#include "storage/redis/subscriber.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <portfire/redis.hpp>
#include <portfire/testing/builders.hpp>

#include "storage/redis/channels.hpp"
#include "storage/redis/job_store.hpp"
#include "storage/redis/wakeup.hpp"
#include "support/tcp_gate.hpp"
#include "unit/storage/redis/installation.hpp"
#include "unit/storage/redis/watched_gateway.hpp"

namespace portfire::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Long enough for any machine: a test that reaches it fails.
constexpr auto patience = 20s;

TEST(RedisChannelsTest, JobsShareAChannel) {
  const JobId first{0x0102030405060708, 0x090A0B0C0D0E0F10};
  const JobId second{1, 2};
  EXPECT_EQ(channel_of(topics::job(first)), "jobs");
  EXPECT_EQ(message_of(topics::job(first)),
            "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10");
  EXPECT_THAT(topics_in("jobs", message_of(topics::job(first)) + message_of(topics::job(second))),
              ElementsAre(topics::job(first), topics::job(second)));
}

TEST(RedisChannelsTest, OtherTopicsHaveTheirOwn) {
  for (const std::string topic : {"queue/mail", "due", "job/of/a/user", "jobs"}) {
    EXPECT_EQ(channel_of(topic), topic);
    EXPECT_EQ(message_of(topic), "");
    EXPECT_THAT(topics_in(topic, ""), ElementsAre(topic));
  }
  EXPECT_THAT(topics_in("jobs", "short"), IsEmpty());
}

class SubscriberTest : public ::testing::Test {
 protected:
  // A storage's wake-ups, as one process has them.
  struct Process {
    explicit Process(const std::string& url, const std::string& more = "")
        : door{url, more}, hub{door.settings.runtime}, wakeup{*door.gateway, door.settings, hub} {}

    Door door;
    WakeupHub hub;
    RedisWakeup wakeup;
    std::unique_ptr<Subscription> ear = {};  // of `pass`
  };

  static bool hears(Subscription& subscription) {
    return subscription.wait_until(thread_runtime()->steady_now() + patience, {});
  }

  [[nodiscard]] std::string channel(const std::string& name) const {
    return "{" + place_.prefix() + "}/" + name;
  }
  [[nodiscard]] std::string subscribers(const std::string& name) const {
    const std::string answer = server_.execute({"PUBSUB", "NUMSUB", channel(name)});
    return answer.substr(answer.find('\n') + 1);
  }

  // Returns when the process has done with all that the server has told it before.
  void pass(Process& process) {
    if (!process.ear) {
      process.ear = process.wakeup.subscribe({topics::job(JobId{9, 9})});
      ASSERT_TRUE(process.ear->forward_to([] {}));
    }
    // Of a job that is asked for here alone, and once; again while nobody here listens yet.
    const std::string topic = topics::job(JobId{9, ++passes_ + 9});
    const auto mark = process.hub.subscribe({topic});
    const SteadyPoint end = thread_runtime()->steady_now() + patience;
    do {
      ASSERT_LT(thread_runtime()->steady_now(), end);
      process.ear->await_more();
      server_.execute({"PUBLISH", channel("jobs"), message_of(topic)});
    } while (!mark->wait_until(thread_runtime()->steady_now() + 50ms, {}));
  }

  // Returns when the process is subscribed, and has nothing to tell of that any more.
  void settle(Process& process, Subscription& subscription, const std::string& name) {
    while (subscribers(name) == "0") ASSERT_TRUE(hears(subscription));
    pass(process);
    while (subscription.wait_until(thread_runtime()->steady_now(), {})) {
    }
  }

  const RedisPlace place_;
  PrivateRedis& server_ = place_.server();
  std::uint64_t passes_ = 0;
};

TEST_F(SubscriberTest, WhatAnotherProcessPublishesIsHeard) {
  Process process{place_.url()};
  const auto mail = process.wakeup.subscribe({"queue/mail"});
  const auto other = process.wakeup.subscribe({"queue/other"});
  settle(process, *mail, "queue/mail");
  settle(process, *other, "queue/other");
  const Process another{place_.url()};
  server_.execute({"PUBLISH", channel("queue/mail"), ""});
  EXPECT_TRUE(hears(*mail));
  EXPECT_FALSE(other->wait_until(thread_runtime()->steady_now(), {}));
}

TEST_F(SubscriberTest, TheEndOfAJobIsHeardByWhoWaitsForIt) {
  Process process{place_.url()};
  Process another{place_.url()};
  const auto one = process.wakeup.subscribe({topics::job(JobId{1, 1})});
  const auto two = process.wakeup.subscribe({topics::job(JobId{1, 2})});
  settle(process, *one, "jobs");
  settle(process, *two, "jobs");
  const std::string topic = topics::job(JobId{1, 2});
  another.wakeup.notify({&topic, 1});
  EXPECT_TRUE(hears(*two));
  EXPECT_FALSE(one->wait_until(thread_runtime()->steady_now(), {}));
}

TEST_F(SubscriberTest, WhatAStorageHasToldByItselfIsNotHeardAgain) {
  Process process{place_.url()};
  const Process another{place_.url()};
  const auto mail = process.wakeup.subscribe({"queue/mail"});
  settle(process, *mail, "queue/mail");
  server_.execute({"PUBLISH", channel("queue/mail"), process.door.settings.mark});
  pass(process);
  EXPECT_FALSE(mail->wait_until(thread_runtime()->steady_now(), {}));
  server_.execute({"PUBLISH", channel("queue/mail"), another.door.settings.mark});
  EXPECT_TRUE(hears(*mail));
}

// Commits, and who waits for what they bring.
class CommitNewsTest : public SubscriberTest {
 protected:
  struct Server : Process {
    explicit Server(const std::string& url) : Process{url} {}
    WatchedGateway gateway{*door.gateway};
    RedisJobStore jobs{door.settings, gateway, hub};
    std::unique_ptr<Subscription> queue = wakeup.subscribe({topics::queue("default")});
  };

  Unit creation() {
    Unit unit = testing::UnitBuilder{ids_.next<UnitId>()}.create({ids_.next<JobId>(), "work"});
    unit.is_new = true;
    return unit;
  }
  static bool has_news(Server& server) {
    return server.queue->wait_until(thread_runtime()->steady_now(), {});
  }

  const std::shared_ptr<Storage> storage_ = open(place_.url());
  testing::TestIds ids_;
  Server here_{place_.url()};
};

TEST_F(CommitNewsTest, AreToldAtOnceAndOnceHereAndByTheServerElsewhere) {
  Server elsewhere{place_.url()};
  settle(here_, *here_.queue, "queue/default");
  settle(elsewhere, *elsewhere.queue, "queue/default");
  here_.jobs.commit(std::vector{creation()});
  EXPECT_TRUE(has_news(here_));
  pass(here_);
  EXPECT_FALSE(has_news(here_));
  EXPECT_TRUE(hears(*elsewhere.queue));
}

TEST_F(CommitNewsTest, AreToldAlsoWhenTheAnswerWasLost) {
  settle(here_, *here_.queue, "queue/default");
  here_.gateway.after = [](int) { throw_no_master({"here", "commit"}, "nobody there any more"); };
  EXPECT_THROW(here_.jobs.commit(std::vector{creation()}), StorageError);
  EXPECT_TRUE(has_news(here_));
}

TEST_F(SubscriberTest, ASubscriptionEndsWithItsLastUser) {
  Process process{place_.url()};
  auto mail = process.wakeup.subscribe({"queue/mail"});
  auto other = process.wakeup.subscribe({"queue/mail", "due"});
  settle(process, *mail, "queue/mail");
  settle(process, *other, "due");
  mail.reset();
  other.reset();
  server_.wait_until({"PUBSUB", "NUMSUB", channel("queue/mail")}, "\n0");
  server_.wait_until({"PUBSUB", "NUMSUB", channel("due")}, "\n0");
}

TEST_F(SubscriberTest, ABusyProcessIsNotToldAgainAndAgain) {
  Process process{place_.url()};
  const auto mail = process.wakeup.subscribe({"queue/mail"});
  settle(process, *mail, "queue/mail");
  for (int count = 0; count < 10; ++count) {
    server_.execute({"PUBLISH", channel("queue/mail"), ""});
  }
  server_.wait_until({"PUBSUB", "NUMSUB", channel("queue/mail")}, "\n0");
  // And comes back when it waits again.
  settle(process, *mail, "queue/mail");
  server_.execute({"PUBLISH", channel("queue/mail"), ""});
  EXPECT_TRUE(hears(*mail));
}

TEST_F(SubscriberTest, AConnectionThatIsKilledIsReplaced) {
  Process process{place_.url()};
  const auto mail = process.wakeup.subscribe({"queue/mail"});
  settle(process, *mail, "queue/mail");
  server_.execute({"CLIENT", "KILL", "TYPE", "pubsub"});
  EXPECT_TRUE(hears(*mail)) << "who waits is not told to look by himself";
  settle(process, *mail, "queue/mail");
  server_.execute({"PUBLISH", channel("queue/mail"), ""});
  EXPECT_TRUE(hears(*mail));
}

TEST_F(SubscriberTest, WhileTheServerIsGoneEverybodyLooks) {
  PrivateRedis server{{.tcp = true}};
  Process process{server.tcp_url(), "&poll_interval=10ms"};
  const auto mail = process.wakeup.subscribe({"queue/mail"});
  while (server.execute({"PUBSUB", "CHANNELS"}).empty()) ASSERT_TRUE(hears(*mail));
  server.stop();
  for (int count = 0; count < 3; ++count) EXPECT_TRUE(hears(*mail));
  server.start();
  while (server.execute({"PUBSUB", "CHANNELS"}).empty()) ASSERT_TRUE(hears(*mail));
}

TEST_F(SubscriberTest, ASilentConnectionIsGivenUp) {
  TcpGate gate{server_.port()};
  const std::string url =
      "redis://127.0.0.1:" + std::to_string(gate.port()) + "/0?prefix=" + place_.prefix();
  Process process{url, "&answer_timeout=100ms"};
  const auto mail = process.wakeup.subscribe({"queue/mail"});
  settle(process, *mail, "queue/mail");
  const std::size_t connections = gate.connections();
  gate.stall();
  EXPECT_TRUE(hears(*mail));
  EXPECT_TRUE(gate.wait_for_connection(connections));
  gate.open();
  server_.wait_until({"PUBSUB", "NUMSUB", channel("queue/mail")}, "\n0");
  settle(process, *mail, "queue/mail");
  server_.execute({"PUBLISH", channel("queue/mail"), ""});
  EXPECT_TRUE(hears(*mail));
}

TEST_F(SubscriberTest, AQuietServerIsNotGivenUp) {
  TcpGate gate{server_.port()};
  const std::string url =
      "redis://127.0.0.1:" + std::to_string(gate.port()) + "/0?prefix=" + place_.prefix();
  Process process{url, "&answer_timeout=50ms"};
  const auto mail = process.wakeup.subscribe({"queue/mail"});
  settle(process, *mail, "queue/mail");
  const std::size_t connections = gate.connections();
  server_.wait_until({"CLIENT", "LIST", "TYPE", "pubsub"}, "cmd=ping");
  server_.execute({"PUBLISH", channel("queue/mail"), ""});
  EXPECT_TRUE(hears(*mail));
  EXPECT_EQ(gate.connections(), connections);
}

TEST_F(SubscriberTest, ItEndsWhileTheServerHangs) {
  PrivateRedis server{{.tcp = true}};
  {
    Process process{server.tcp_url()};
    const auto mail = process.wakeup.subscribe({"queue/mail"});
    while (server.execute({"PUBSUB", "CHANNELS"}).empty()) ASSERT_TRUE(hears(*mail));
    server.freeze();
  }
  server.thaw();
  SUCCEED();
}

TEST_F(SubscriberTest, OverTlsToo) {
  PrivateRedis server{{.tls = true}};
  Process process{server.tls_url()};
  const auto job = process.wakeup.subscribe({topics::job(JobId{9, 9})});
  while (server.execute({"PUBSUB", "CHANNELS"}).empty()) ASSERT_TRUE(hears(*job));
  // The confirmation tells of the job above; only a message tells of this one.
  const std::string topic = topics::job(JobId{9, 10});
  const auto other = process.hub.subscribe({topic});
  server.execute({"PUBLISH", "{portfire}/jobs", message_of(topic)});
  EXPECT_TRUE(hears(*other));
}

TEST_F(SubscriberTest, WhoDoesNotListenLooksFromTimeToTime) {
  Process process{place_.url(), "&wakeup=poll&poll_interval=10ms"};
  const auto mail = process.wakeup.subscribe({"queue/mail"});
  for (int count = 0; count < 3; ++count) EXPECT_TRUE(hears(*mail));
  EXPECT_EQ(subscribers("queue/mail"), "0");
}

}  // namespace
}  // namespace portfire::redis
