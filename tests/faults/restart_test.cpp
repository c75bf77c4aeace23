// Databases that end, start again, or hand over to another.

#include <ostream>

#include "faults/faults.hpp"

namespace portfire::faults {
namespace {

using ::testing::HasSubstr;
using testing::JobBuilder;
using testing::UnitBuilder;

struct End {
  const char* name;
  void (PrivatePostgres::*of)();

  friend void PrintTo(const End& end, std::ostream* out) { *out << end.name; }
};

class Restart : public ::testing::TestWithParam<End> {};

TEST_P(Restart, AServerGoesOnAndStoresWhatEndedMeanwhile) {
  constexpr std::size_t before = 30;
  const Installation installation;
  Drain drain{installation.open(), installation.open(), 80};
  drain.hold_from(before);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  PrivatePostgres& database = installation.server();
  (database.*GetParam().of)();
  drain.release();
  ASSERT_TRUE(drain.wait_for_ends(before + Drain::workers));
  database.start();
  drain.expect_each_done_once();
}

INSTANTIATE_TEST_SUITE_P(After, Restart,
                         ::testing::Values(End{"Stop", &PrivatePostgres::stop},
                                           End{"Crash", &PrivatePostgres::crash},
                                           End{"Kill", &PrivatePostgres::kill}),
                         [](const auto& one) { return std::string{one.param.name}; });

TEST(Backends, AServerGoesOnWhenAllOfItsOwnAreTerminatedAgainAndAgain) {
  constexpr std::size_t jobs = 400;
  const Installation installation;
  const auto beside = installation.open({.application_name = "beside"});
  Drain drain{installation.open({.application_name = "victim"}), beside, jobs};
  drain.start();
  std::size_t terminated = 0;
  for (std::size_t ends = 20; ends < jobs; ends += 20) {
    ASSERT_TRUE(drain.wait_for_ends(ends));
    terminated += std::stoul(
        installation.execute("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                             " WHERE application_name = 'victim'"));
  }
  EXPECT_GT(terminated, 20U);
  drain.expect_each_done_once();
}

// What some operators set, and poolers do.
TEST(Backends, AServerGoesOnWhenIdleConnectionsAreClosedAtOnce) {
  constexpr std::size_t before = 30;
  const Installation installation;
  const auto beside = installation.open();
  TcpGate gate{installation.server().port()};
  Drain drain{installation.open_at(installation.url_through(gate) +
                                   "?options=-cidle_session_timeout%3D20ms"),
              beside, 80};
  drain.hold_from(before);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  // Meanwhile only heartbeats and looks for work go on, on a connection of their own each time.
  ASSERT_TRUE(gate.wait_for_connection(gate.connections() + 20));
  drain.release();
  drain.expect_each_done_once();
}

class FailOver : public ::testing::Test {
 protected:
  static PrivatePostgresOptions options(const PrivatePostgres* primary) {
    return {.tcp = true,
            .settings = {{"wal_level", "replica"}, {"max_wal_senders", "4"}},
            .standby_of = primary};
  }

  // What is committed has reached the standby.
  void SetUp() override {
    const std::string local = primary_.url("postgres");
    primary_.execute(local, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary_.reload();
    while (primary_.execute(local, "SELECT sync_state FROM pg_stat_replication") != "sync") {
      std::this_thread::yield();
    }
  }

  [[nodiscard]] std::string url_of_both() const {
    return "postgresql://postgres@127.0.0.1:" + std::to_string(primary_.port()) +
           ",127.0.0.1:" + std::to_string(standby_.port()) +
           "/postgres?target_session_attrs=read-write";
  }

  PrivatePostgres primary_{options(nullptr)};
  PrivatePostgres standby_{options(&primary_)};
};

TEST_F(FailOver, AServerGoesOnWithTheStandbyThatIsPromoted) {
  constexpr std::size_t before = 30;
  const Installation installation{primary_, url_of_both()};
  Drain drain{installation.open(), installation.open(), 80};
  drain.hold_from(before);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  primary_.kill();
  drain.release();
  ASSERT_TRUE(drain.wait_for_ends(before + Drain::workers));
  standby_.promote();
  drain.expect_each_done_once();
}

TEST_F(FailOver, AStandbyAloneSaysWhatItIs) {
  const Installation installation{primary_, primary_.tcp_url("postgres")};
  const auto primary = installation.open({.listen = false});
  const std::string position = installation.execute("SELECT pg_current_wal_lsn()");
  const std::string reached = "SELECT pg_last_wal_replay_lsn() >= '" + position + "'";
  while (standby_.execute(standby_.url("postgres"), reached) != "t") std::this_thread::yield();

  const auto standby = installation.open_at(standby_.tcp_url("postgres"), {.listen = false});
  testing::TestIds ids;
  const Unit creation =
      UnitBuilder{ids.next<UnitId>()}.create(JobBuilder{ids.next<JobId>(), "work"});
  try {
    standby->jobs().commit({&creation, 1});
    ADD_FAILURE() << "it was written";
  } catch (const StorageError& error) {
    EXPECT_TRUE(error.retryable()) << "it may be promoted";
    EXPECT_THAT(error.what(), HasSubstr("the server only reads"));
  }
}

}  // namespace
}  // namespace portfire::faults
