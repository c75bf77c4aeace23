#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <poll.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>

#include <portfire/testing/builders.hpp>

#include "unit/storage/postgresql/installation.hpp"

namespace portfire::postgresql::wakeup_test {
namespace {

using namespace std::chrono_literals;
using testing::ending;
using testing::JobBuilder;
using testing::moving;
using testing::UnitBuilder;

constexpr auto patience = 20s;

// A listener that is no storage, listed for what a test says.
class Ear {
 public:
  explicit Ear(const Installation& installation)
      : installation_{installation},
        connection_{PQconnectdb(Installation::url().c_str()), &PQfinish} {
    execute("LISTEN \"portfire." + installation.schema() + "\"");
  }

  void want(const std::string& topic) {
    installation_.execute("INSERT INTO :schema.waiting VALUES ('" + topic + "', " +
                          std::to_string(PQbackendPID(connection_.get())) +
                          ") ON CONFLICT DO NOTHING");
  }

  // The topics of all notifications until now, which end with one that is sent here.
  std::set<std::string> heard() {
    installation_.execute("SELECT pg_notify('portfire.:schema', 'end')");
    std::set<std::string> topics;
    while (true) {
      const std::string topic = next();
      if (topic == "end" || topic.empty()) return topics;
      topics.insert(topic);
    }
  }

 private:
  void execute(const std::string& statement) {
    PQclear(PQexec(connection_.get(), statement.c_str()));
  }
  // Empty when none comes.
  std::string next() {
    while (true) {
      const std::unique_ptr<PGnotify, void (*)(void*)> one{PQnotifies(connection_.get()),
                                                           &PQfreemem};
      if (one) return one->extra;
      pollfd socket{PQsocket(connection_.get()), POLLIN, 0};
      if (::poll(&socket, 1, std::chrono::milliseconds{patience}.count()) <= 0) return "";
      if (PQconsumeInput(connection_.get()) != 1) return "";
    }
  }

  const Installation& installation_;
  const std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

class WakeupTest : public ::testing::Test {
 protected:
  JobId create(JobBuilder job) {
    commit(UnitBuilder{ids_.next<UnitId>()}.create(job));
    return job.id();
  }
  JobBuilder job() { return {ids_.next<JobId>(), "work"}; }
  void apply(Transition change) { commit(UnitBuilder{ids_.next<UnitId>()}.move(change)); }
  Execution claim() {
    if (token_ == 0) storage_->coordination().announce(server_);
    return storage_->jobs()
        .claim({.server = server_.id, .token = ++token_, .queues = {"default"}, .max = 1})
        .executions.at(0);
  }

  testing::TestIds ids_;
  Installation installation_;
  const std::shared_ptr<Storage> storage_ = installation_.open();
  const ServerInfo server_{.id = ids_.next<ServerId>(), .name = "server", .job_names = {"work"}};
  std::uint64_t token_ = 0;

 private:
  void commit(const Unit& unit) { ASSERT_TRUE(storage_->jobs().commit({&unit, 1}).front().done()); }
};

using Topics = std::set<std::string>;

TEST_F(WakeupTest, NobodyIsToldWhoIsNotListed) {
  Ear ear{installation_};
  create(job());
  EXPECT_EQ(ear.heard(), Topics{});
  ear.want(topics::queue("default"));
  create(job());
  create(job().queue("other"));
  EXPECT_EQ(ear.heard(), Topics{topics::queue("default")});
}

TEST_F(WakeupTest, EveryRoadIntoAQueueIsTold) {
  Ear ear{installation_};
  const std::string topic = topics::queue("default");
  ear.want(topic);
  const JobId first = create(job());
  EXPECT_EQ(ear.heard(), Topics{topic});
  apply(moving(first, states::enqueued()));
  EXPECT_EQ(ear.heard(), Topics{topic});
  apply(ending(claim(), states::enqueued()));
  EXPECT_EQ(ear.heard(), Topics{topic});
  for (const ReleaseReason reason :
       {ReleaseReason::unstarted, ReleaseReason::shutdown, ReleaseReason::no_handler}) {
    const Released released{claim().ref, reason};
    EXPECT_EQ(ear.heard(), Topics{}) << "a claim is told";
    storage_->jobs().release({&released, 1});
    EXPECT_EQ(ear.heard(), Topics{topic});
  }
  create(job().after(first));
  EXPECT_EQ(ear.heard(), Topics{});
  apply(moving(first, states::succeeded()));
  EXPECT_EQ(ear.heard(), Topics{topic}) << "of a continuation";
  claim();
  storage_->coordination().remove(server_.id);
  EXPECT_EQ(ear.heard(), Topics{topic}) << "of a server that has left";
  storage_->coordination().announce(server_);
  claim();
  storage_->jobs().reclaim({.servers = {server_.id}, .by = ids_.next<ServerId>()});
  EXPECT_EQ(ear.heard(), Topics{topic}) << "of a server that is gone";
  create(job().scheduled(Duration::zero()));
  EXPECT_EQ(ear.heard(), Topics{});
  EXPECT_EQ(storage_->jobs().promote({.max = 10}).promoted, 1U);
  EXPECT_EQ(ear.heard(), Topics{topic}) << "of a job that has fallen due";
}

TEST_F(WakeupTest, TheEndOfAJobIsTold) {
  Ear ear{installation_};
  const JobId first = create(job());
  const JobId second = create(job());
  ear.want(topics::job(first));
  apply(ending(claim()));
  EXPECT_EQ(ear.heard(), Topics{topics::job(first)});
  apply(ending(claim()));
  EXPECT_EQ(ear.heard(), Topics{});
  const JobId third = create(job());
  ear.want(topics::job(third));
  apply(moving(third, states::failed()));
  EXPECT_EQ(ear.heard(), Topics{topics::job(third)});
  static_cast<void>(second);
}

TEST_F(WakeupTest, TimedJobsAndSettingsAreTold) {
  Ear ear{installation_};
  for (const std::string topic : {"due", "settings", "queue/mail"}) ear.want(topic);
  create(job().scheduled(1h));
  EXPECT_EQ(ear.heard(), Topics{"due"});
  storage_->coordination().set_queue({.name = "mail", .paused = true});
  EXPECT_EQ(ear.heard(), (Topics{"settings", "queue/mail"}));
}

TEST_F(WakeupTest, AServerIsToldOfJobsTakenFromIt) {
  Ear ear{installation_};
  ear.want(topics::server(server_.id));
  create(job());
  apply(moving(claim().ref.job, states::deleted()));
  EXPECT_EQ(ear.heard(), Topics{topics::server(server_.id)});
}

TEST_F(WakeupTest, ANotificationOfTheUsersReachesOtherProcesses) {
  Ear ear{installation_};
  ear.want("my/topic");
  storage_->wakeup().notify(std::vector<std::string>{"my/topic", "other/topic"});
  EXPECT_EQ(ear.heard(), Topics{"my/topic"});
}

TEST_F(WakeupTest, UpkeepForgetsWhoIsGone) {
  Ear ear{installation_};
  ear.want("mail");
  installation_.execute("INSERT INTO :schema.waiting VALUES ('mail', 1)");  // never a backend
  storage_->jobs().expire(1);
  EXPECT_EQ(installation_.execute("SELECT count(*) FROM :schema.waiting WHERE process = 1"), "0");
  EXPECT_EQ(installation_.execute("SELECT count(*) FROM :schema.waiting"), "1");
}

TEST_F(WakeupTest, WhoCannotListenLooksFromTimeToTime) {
  const auto polling = installation_.open({.listen = false, .poll_interval = 10ms});
  EXPECT_FALSE(polling->capabilities().push_wakeup);
  const auto subscription = polling->wakeup().subscribe({"nobody/ever"});
  const auto deadline = polling->runtime()->steady_now() + patience;
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(subscription->wait_until(deadline, {}));
  }
  EXPECT_EQ(installation_.execute("SELECT count(*) FROM :schema.waiting"), "0");
}

TEST_F(WakeupTest, WhoIsInTheSameProcessNeedNotListen) {
  const auto polling = installation_.open({.listen = false, .poll_interval = 1min});
  const auto subscription = polling->wakeup().subscribe({topics::queue("default")});
  const Unit unit = UnitBuilder{ids_.next<UnitId>()}.create(job());
  polling->jobs().commit({&unit, 1});
  EXPECT_TRUE(subscription->wait_until(polling->runtime()->steady_now(), {}));
}

// A server that is woken by another process: it looks, waits, is woken, and finds the job.
TEST_F(WakeupTest, AJobOfAnotherStorageIsFound) {
  const auto other = installation_.open();
  other->coordination().announce(server_);
  bool found = false;
  const auto server = other->runtime()->spawn("server", [&] {
    const auto subscription = other->wakeup().subscribe({topics::queue("default")});
    const auto deadline = other->runtime()->steady_now() + patience;
    do {
      found = !other->jobs()
                   .claim({.server = server_.id, .token = ++token_, .queues = {"default"}})
                   .executions.empty();
    } while (!found && subscription->wait_until(deadline, {}));
  });
  create(job());
  server->join();
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace portfire::postgresql::wakeup_test
