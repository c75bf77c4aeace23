// Several server processes on one database: killed, cut off from it, upgraded.

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <ostream>
#include <set>

#include "faults/faults.hpp"
#include "support/child.hpp"

namespace portfire::faults {
namespace {

using ::testing::ElementsAre;
using testing::ending;
using testing::JobBuilder;
using ::testing::SizeIs;
using testing::UnitBuilder;

constexpr Job<void(int)> work{"work"};
constexpr auto lease = 2s;

class Processes : public ::testing::Test {
 protected:
  // What it tells is in `serve` and `migrate`, at the end.
  [[nodiscard]] std::unique_ptr<Child> start(const std::string& role) const {
    return std::make_unique<Child>(
        std::vector<std::string>{role, installation_.url(), installation_.schema()});
  }
  // Returns when it serves.
  [[nodiscard]] std::unique_ptr<Child> start_server(const std::string& role) const {
    auto child = start(role);
    EXPECT_EQ(child->hear_line(), "serving");
    return child;
  }
  std::string rest(JobId id) {
    const Waited waited = client_.wait(id, 1min);
    return waited.ended ? waited.job->state : "(still " + waited.job->state + ")";
  }
  std::vector<std::string> states_of(JobId id) {
    std::vector<std::string> states;
    const auto found = client_.find(id);
    for (const HistoryEntry& entry : found->history) states.push_back(entry.state);
    return states;
  }

  const Installation installation_;
  const std::shared_ptr<Storage> storage_ = installation_.open();
  Client client_{storage_, {.log = silent_sink()}};
};

TEST_F(Processes, WhatOneClaimsNoOtherRuns) {
  constexpr int jobs = 450;
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 3; ++i) children.push_back(start_server("drain"));
  std::vector<JobId> ids;
  for (int number = 0; number < jobs; ++number) ids.push_back(client_.enqueue(work, number));
  for (const JobId id : ids) EXPECT_EQ(rest(id), "Succeeded");
  std::multiset<int> runs;
  for (const auto& child : children) {
    child->signal(SIGTERM);
    const std::size_t before = runs.size();
    for (std::string line = child->hear_line(); !line.empty(); line = child->hear_line()) {
      runs.insert(std::stoi(line));
    }
    EXPECT_GT(runs.size(), before) << "one has run nothing";
  }
  EXPECT_EQ(runs.size(), jobs);
  for (int number = 0; number < jobs; ++number) EXPECT_EQ(runs.count(number), 1U) << number;
}

// On a machine of its own: beside each other they would see its end at once.
TEST_F(Processes, TheJobsOfAKilledServerRunElsewhereAndNotBeforeItsLeaseIsOver) {
  const auto victim = start_server("hold alone");
  const JobId id = client_.enqueue(work, 7);
  ASSERT_EQ(victim->hear_line(), "7");
  const auto other = start_server("drain alone");
  victim->signal(SIGKILL);
  victim->wait_status();
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_EQ(other->hear_line(), "7");
  EXPECT_THAT(states_of(id),
              ElementsAre("Enqueued", "Processing", "Enqueued", "Processing", "Succeeded"));
  const TimePoint given_up = client_.find(id)->history.at(2).at;
  const std::string beat = installation_.execute(
      "SELECT (extract(epoch FROM heartbeat_at) * 1000000)::bigint FROM :schema.server"
      " WHERE NOT present");
  const TimePoint last_beat{std::chrono::microseconds{std::stoll(beat)}};
  EXPECT_GE(given_up - last_beat, lease);
  RecordProperty("given_up_after_microseconds", std::to_string((given_up - last_beat).count()));
}

struct Outage {
  const char* name;
  void (PrivatePostgres::*begin)();
  void (PrivatePostgres::*end)();

  friend void PrintTo(const Outage& outage, std::ostream* out) { *out << outage.name; }
};

class Outages : public Processes, public ::testing::WithParamInterface<Outage> {};

TEST_P(Outages, LongerThanTheLeaseMakeNobodyReclaimAnybody) {
  const std::vector<std::unique_ptr<Child>> children = [this] {
    std::vector<std::unique_ptr<Child>> two;
    for (int i = 0; i < 2; ++i) two.push_back(start_server("hold alone"));
    return two;
  }();
  // Each has one worker.
  const std::vector<JobId> ids{client_.enqueue(work, 1), client_.enqueue(work, 2)};
  std::set<std::string> running;
  for (const auto& child : children) running.insert(child->hear_line());
  ASSERT_EQ(running, (std::set<std::string>{"1", "2"}));

  const auto began = std::chrono::steady_clock::now();
  PrivatePostgres& database = installation_.server();
  (database.*GetParam().begin)();
  // Each has fenced itself, shortly before the end of its lease.
  for (const auto& child : children) EXPECT_EQ(child->hear_line(), "told to stop");
  while (std::chrono::steady_clock::now() < began + lease) std::this_thread::yield();
  (database.*GetParam().end)();

  // They live on for longer than they would have to be silent.
  const auto beats = [this] {
    return std::stol(installation_.execute("SELECT min(beat) FROM :schema.server WHERE present"));
  };
  const long before = beats();
  while (beats() < before + 9) std::this_thread::yield();
  EXPECT_THAT(storage_->monitoring().servers(), SizeIs(2));
  for (const auto& child : children) child->tell('g');
  for (const JobId id : ids) {
    EXPECT_EQ(rest(id), "Succeeded");
    EXPECT_THAT(states_of(id), ElementsAre("Enqueued", "Processing", "Succeeded"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Of, Outages,
    ::testing::Values(Outage{"Stop", &PrivatePostgres::stop, &PrivatePostgres::start},
                      Outage{"Freeze", &PrivatePostgres::freeze, &PrivatePostgres::thaw}),
    [](const auto& one) { return std::string{one.param.name}; });

// What an older release does while newer ones bring the functions up to date.
class AtWork {
 public:
  explicit AtWork(Storage& storage) : storage_{storage} {
    storage_.coordination().announce({.id = server_, .name = "old", .job_names = {"work"}});
    thread_ = std::thread{[this] {
      while (!over_) round();
    }};
  }
  ~AtWork() {
    over_ = true;
    thread_.join();
  }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;

  [[nodiscard]] int rounds() const { return rounds_; }

 private:
  void round() {
    try {
      const Unit creation =
          UnitBuilder{ids_.next<UnitId>()}.create(JobBuilder{ids_.next<JobId>(), "work"});
      EXPECT_TRUE(storage_.jobs().commit({&creation, 1}).front().done());
      const auto taken = storage_.jobs().claim({server_, ++token_, {"default"}, 1}).executions;
      ASSERT_THAT(taken, SizeIs(1));
      const Unit end = UnitBuilder{ids_.next<UnitId>()}.move(ending(taken[0]));
      EXPECT_TRUE(storage_.jobs().commit({&end, 1}).front().done());
      EXPECT_TRUE(storage_.coordination().heartbeat(server_).known);
      ++rounds_;
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
      over_ = true;
    }
  }

  Storage& storage_;
  testing::TestIds ids_;
  const ServerId server_ = ids_.next<ServerId>();
  std::uint64_t token_ = 0;
  std::atomic<int> rounds_{0};
  std::atomic<bool> over_{false};
  std::thread thread_;
};

TEST_F(Processes, TenUpgradeAtOnceWhileAnOldOneIsAtWork) {
  const std::string functions = installation_.execute("SELECT functions FROM :schema.version");
  installation_.execute(
      "UPDATE :schema.version SET functions = 'older', portfire_release = 0;"
      "CREATE TABLE :schema.upgrade (at timestamptz);"
      "CREATE FUNCTION :schema.note_upgrade() RETURNS trigger LANGUAGE plpgsql AS"
      " $$BEGIN INSERT INTO :schema.upgrade VALUES (now()); RETURN NULL; END$$;"
      "CREATE TRIGGER noted AFTER UPDATE ON :schema.version"
      " FOR EACH ROW EXECUTE FUNCTION :schema.note_upgrade()");
  const AtWork old{*storage_};
  const auto wait_for_rounds = [&old](int count) {
    const int before = old.rounds();
    while (old.rounds() < before + count && !HasFailure()) std::this_thread::yield();
  };
  wait_for_rounds(20);
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 10; ++i) children.push_back(start("open"));
  for (const auto& child : children) EXPECT_EQ(child->hear_line(), "opened");
  wait_for_rounds(20);
  EXPECT_EQ(installation_.execute("SELECT functions FROM :schema.version"), functions);
  EXPECT_EQ(installation_.count("upgrade"), "1");
}

// The child's side: says one thing per line.
class Voice {
 public:
  explicit Voice(int descriptor) : descriptor_{descriptor} {}
  void say(const std::string& words) const {
    const std::string line = words + "\n";
    if (::write(descriptor_, line.data(), line.size()) < 0) std::quick_exit(3);
  }

 private:
  const int descriptor_;
};

void serve(std::shared_ptr<Storage> storage, const std::string& role, const Voice& voice,
           int listening) {
  const bool holds = role.starts_with("hold");
  // Another place for the marks of life: nobody finds that of another process.
  if (role.ends_with("alone")) ::setenv("TMPDIR", "/nowhere", 1);
  Handlers handlers;
  handlers.on(work, [&](int number, std::stop_token stop) {
    voice.say(std::to_string(number));
    if (!holds) return;
    const std::stop_callback told{stop, [&] { voice.say("told to stop"); }};
    char letter = 0;
    if (::read(listening, &letter, 1) != 1) std::quick_exit(3);
  });
  ServerOptions options{.workers = holds ? 1 : 4, .lease = lease, .poll_interval = 100ms};
  if (holds) options.prefetch = 0;
  options.log = [&](LogLevel, std::string_view line) {
    const bool begins = line.starts_with("server ") && line.find("workers=") != line.npos;
    if (begins) voice.say("serving");
  };
  Server server{std::move(storage), handlers, options};
  server.run();
}

int be_a_child(const std::vector<std::string>& words) {
  const std::string& role = words[1];
  const Voice voice{std::stoi(words[4])};
  auto storage = postgresql::open(words[2], {.schema = words[3]});
  if (role == "open") {
    voice.say("opened");
  } else {
    serve(std::move(storage), role, voice, std::stoi(words[5]));
  }
  return 0;
}

}  // namespace
}  // namespace portfire::faults

int main(int count, char** values) {
  const std::vector<std::string> words(values, values + count);
  if (words[0] == "child") return portfire::faults::be_a_child(words);
  ::testing::InitGoogleTest(&count, values);
  return RUN_ALL_TESTS();
}
