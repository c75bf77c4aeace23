// Users who may do exactly what docs/reference/redis.md says, and a command less.

#include <fstream>
#include <sstream>
#include <vector>

#include "faults_redis/faults.hpp"

namespace portfire::faults {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using testing::ending;
using ::testing::HasSubstr;
using testing::JobBuilder;
using testing::moving;
using ::testing::Not;
using testing::UnitBuilder;

// What the page says.
class Page {
 public:
  Page() {
    std::ifstream file{PORTFIRE_REDIS_PAGE};
    bool in_block = false;
    for (std::string line; std::getline(file, line);) {
      in_block = line.starts_with("    ACL SETUSER") || (in_block && line.starts_with("    "));
      if (in_block) add_words(line);
      if (line.starts_with("| `+")) add_dispensable(line);
    }
  }

  [[nodiscard]] const Command& command() const { return command_; }
  // `+client|setname`: what may be left out, and the rest.
  [[nodiscard]] const std::vector<std::string>& dispensable() const { return dispensable_; }
  [[nodiscard]] std::vector<std::string> required() const {
    std::vector<std::string> all;
    for (const std::string& word : command_) {
      if (word.starts_with('+') && std::ranges::count(dispensable_, word) == 0) all.push_back(word);
    }
    return all;
  }

 private:
  void add_words(const std::string& line) {
    std::istringstream words{line};
    for (std::string word; words >> word;) {
      if (word != "\\") command_.push_back(word);
    }
  }
  // The first column names one or more.
  void add_dispensable(const std::string& line) {
    const std::string column = line.substr(1, line.find(" | ") - 1);
    for (auto at = column.find('+'); at != std::string::npos; at = column.find('+', at + 1)) {
      std::string word = column.substr(at, column.find('`', at) - at);
      std::erase(word, '\\');
      dispensable_.push_back(word);
    }
  }

  Command command_;
  std::vector<std::string> dispensable_;
};

std::string in_capitals(std::string word) {
  for (char& letter : word) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return word;
}

class Permissions : public ::testing::Test {
 protected:
  Permissions() {
    server_.execute(page_.command());
    server_.execute({"ACL", "LOG", "RESET"});
  }

  [[nodiscard]] std::string url(const std::string& password = "secret", int database = 0) const {
    return "redis://portfire:" + password + "@127.0.0.1:" + std::to_string(server_.port()) + '/' +
           std::to_string(database) + "?prefix=portfire";
  }
  void change(const std::string& rule) { server_.execute({"ACL", "SETUSER", "portfire", rule}); }
  void take(const std::string& command) { change('-' + command.substr(1)); }
  void give(const std::string& command) { change(command); }
  // Who was refused what.
  [[nodiscard]] std::string refusals() const { return server_.execute({"ACL", "LOG"}); }

  std::string complaint_of_open(const std::string& its_url) {
    return complaint([&] { static_cast<void>(redis::open(its_url)); });
  }

  const Page page_;
  PrivateRedis server_{{.tcp = true}};
  testing::TestIds ids_;
};

// What the drains of the other tests do not come to.
void use_everything(Storage& storage, testing::TestIds& ids) {
  const auto job = [&] { return JobBuilder{ids.next<JobId>(), "work"}; };
  const auto unit = [&] { return UnitBuilder{ids.next<UnitId>()}; };
  const auto server = ids.next<ServerId>();
  const auto dead = ids.next<ServerId>();
  Coordination& coordination = storage.coordination();
  coordination.announce({.id = server, .name = "test", .job_names = {"work"}, .lease = 1h});
  coordination.announce({.id = dead, .name = "dead", .job_names = {"work"}, .lease = 1h});
  const JobBuilder parent = job().arguments("[\"" + std::string(3000, 'x') + "\"]");
  const JobBuilder child = job().after(parent.id()).unique("key").parameter("name", "1");
  commit(storage, unit().create(parent).create(child).create(job().scheduled(Duration::zero())));
  Unit plain = unit().create(job());
  plain.is_new = true;
  commit(storage, plain);
  commit(storage, unit().create(job().unique("other").held_for(1h).queue("other")));
  JobStore& store = storage.jobs();
  EXPECT_EQ(store.promote({}).promoted, 1U);
  const auto lost = store.claim({dead, 1, {"default"}, 1}).executions;
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(store.revoked(std::vector{lost[0].ref}).size(), 0U);
  EXPECT_EQ(store.reclaim({.servers = {dead}, .by = server}).requeued, 1U);
  const auto taken = store.claim({server, 1, {"default"}, 3}).executions;
  ASSERT_EQ(taken.size(), 3U);
  EXPECT_EQ(store.held(server).size(), 3U);
  EXPECT_EQ(store.release(std::vector{Released{taken[2].ref, ReleaseReason::no_handler}}).released,
            1U);
  EXPECT_EQ(store.claim({server, 2, {"default"}, 3}).executions.size(), 1U) << "by its name";
  store.report(
      std::vector{Report{.execution = taken[1].ref, .lines = {{.text = "line", .number = 1}}}});
  EXPECT_TRUE(store.set_parameters(parent.id(), {{"name", "1"}}));
  State gone = states::succeeded();
  gone.retention = Duration::zero();
  for (const Execution& each : {taken[0], taken[1]}) {
    EXPECT_TRUE(commit(storage, unit().move(ending(each, gone))).done());
  }
  EXPECT_TRUE(commit(storage, unit().move(moving(child.id(), states::deleted()))).done());
  EXPECT_EQ(store.expire(10).removed, 2U);
  const JobBuilder batch = job().as_batch();
  commit(storage, unit().create(batch).create(job().in(batch.id())));
  EXPECT_TRUE(commit(storage, unit().move(moving(batch.id(), states::deleted()))).done());
  EXPECT_EQ(store.promote({}).promoted, 1U);
  EXPECT_EQ(storage.monitoring().list({.batch = batch.id()}).jobs.size(), 1U);
  const auto lock = coordination.acquire_lock("lock", "me", 1h);
  EXPECT_TRUE(coordination.renew_lock(*lock, 1h));
  coordination.release_lock(*lock);
  EXPECT_TRUE(coordination.set_queue({.name = "default"}));
  EXPECT_FALSE(coordination.queue_settings().empty());
  Monitoring& monitoring = storage.monitoring();
  monitoring.now();
  monitoring.statistics();
  monitoring.history(TimePoint{}, TimePoint::max());
  for (const std::string state : {"", "Enqueued", "Processing", "Succeeded", "Deleted"}) {
    monitoring.list({.state = state});
  }
  EXPECT_TRUE(monitoring.job(child.id()));
  monitoring.log(child.id(), 0, 10);
  monitoring.queues();
  EXPECT_EQ(monitoring.servers().size(), 1U);
  storage.wakeup().notify(std::vector<std::string>{topics::settings(), topics::job(child.id())});
  coordination.remove(server);
}

TEST_F(Permissions, AreNotOneTooFew) {
  EXPECT_GT(page_.required().size(), 30U);
  for (const int database : {0, 1}) {
    const std::string its_url = url("secret", database);
    EXPECT_EQ(redis::schema_version(its_url), 0);
    redis::migrate(its_url);
    {
      Drain drain{redis::open(its_url), redis::open(its_url), 60};
      drain.start();
      server_.wait_until({"PUBSUB", "CHANNELS"}, "{portfire}/queue/default");
      drain.expect_each_done_once();
    }
    const auto storage = redis::open(its_url, {.listen = false});
    use_everything(*storage, ids_);
    redis::remove(its_url);
  }
  EXPECT_EQ(refusals(), "");
  EXPECT_EQ(server_.execute({"DBSIZE"}), "0");
}

TEST_F(Permissions, AreNotOneTooFewWithReplicas) {
  const PrivateRedis replica{{.replica_of = &server_}};
  server_.wait_until({"INFO", "replication"}, "state=online");
  Drain drain{redis::open(url(), {.wait_replicas = 1, .wait_timeout = 5s}), redis::open(url()), 40};
  drain.start();
  drain.expect_each_done_once();
  EXPECT_EQ(refusals(), "");
}

TEST_F(Permissions, EachThatIsNeededIsMissedWhenAStorageIsOpened) {
  // The scripts are known: nobody would need to tell them again.
  static_cast<void>(redis::open(url()));
  for (const std::string& command : page_.required()) {
    SCOPED_TRACE(command);
    take(command);
    const std::string said = complaint_of_open(url());
    EXPECT_THAT(said, AllOf(HasSubstr("for good: "), HasSubstr("the user may not"),
                            HasSubstr("grant the commands"), HasSubstr("ACL SETUSER")));
    EXPECT_THAT(in_capitals(said), HasSubstr(in_capitals(command.substr(1))));
    give(command);
  }
  EXPECT_EQ(complaint_of_open(url()), "no complaint");
}

TEST_F(Permissions, EachThatMayBeLeftOutIsMissedByNobodyWhoDoesWithoutIt) {
  for (const std::string& command : page_.dispensable()) {
    EXPECT_THAT(page_.command(), Contains(command));
    take(command);
  }
  {
    Drain drain{redis::open(url(), {.listen = false}), redis::open(url(), {.listen = false}), 40};
    drain.start();
    drain.expect_each_done_once();
  }
  EXPECT_THAT(complaint([&] { redis::remove(url()); }), HasSubstr("the user may not"));
  EXPECT_THAT(complaint_of_open(url("secret", 1)),
              AllOf(HasSubstr("the user may not"), HasSubstr("select")));
}

// The server of jobs is none the worse for it.
TEST_F(Permissions, WithoutASubscriptionServersPoll) {
  take("+subscribe");
  Drain drain{redis::open(url(), {.poll_interval = 20ms}), redis::open(url()), 40};
  drain.start();
  drain.expect_each_done_once();
  EXPECT_THAT(refusals(), HasSubstr("subscribe"));
}

TEST_F(Permissions, OtherKeysAndChannelsAreNotOurs) {
  change("resetkeys");
  change("~{other}*");
  EXPECT_THAT(complaint_of_open(url()), AllOf(HasSubstr("for good"), HasSubstr("the user may not"),
                                              HasSubstr("keys and channels")));
  change("~{portfire}*");
  change("resetchannels");
  EXPECT_THAT(complaint_of_open(url()), AllOf(HasSubstr("for good"), HasSubstr("the user may not"),
                                              HasSubstr("keys and channels")));
}

TEST_F(Permissions, AWrongPasswordIsSaid) {
  EXPECT_THAT(complaint_of_open(url("wrong")),
              AllOf(HasSubstr("for good"), HasSubstr("user or password is wrong"),
                    Not(HasSubstr("wrong@"))));
  const auto storage = redis::open(url(), {.max_connections = 1, .listen = false});
  change("resetpass");
  change(">other");
  server_.execute({"CLIENT", "KILL", "USER", "portfire"});
  EXPECT_THAT(complaint([&] { commit(*storage, creation(ids_)); }),
              AllOf(HasSubstr("for good"), HasSubstr("user or password is wrong")));
  change(">secret");
  EXPECT_EQ(complaint([&] { commit(*storage, creation(ids_)); }), "no complaint");
}

}  // namespace
}  // namespace portfire::faults
