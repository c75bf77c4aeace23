// Servers behind a network that fails and comes back.

#include <atomic>
#include <random>
#include <thread>

#include "faults/faults.hpp"

namespace portfire::faults {
namespace {

using testing::JobBuilder;
using testing::UnitBuilder;

class Network : public ::testing::Test {
 protected:
  std::shared_ptr<Storage> behind_the_gate(postgresql::Options options = {}) {
    return installation_.open_at(installation_.url_through(gate_), std::move(options));
  }

  const Installation installation_;
  TcpGate gate_{installation_.server().port()};
  const std::shared_ptr<Storage> near_ = installation_.open();
};

TEST_F(Network, AServerGoesOnThroughHundredsOfCuts) {
  constexpr std::size_t jobs = 300;
  Drain drain{behind_the_gate(), near_, jobs};
  std::mt19937 chance{4711};  // NOLINT: the same in every run
  drain.start();
  std::size_t cuts = 0;
  const auto cut = [&](TcpGate::Way way, std::size_t bytes) {
    gate_.cut_after(way, bytes);
    ++cuts;
    return gate_.wait_for_cut();
  };
  while (drain.ends() < jobs) {
    const std::size_t began = drain.ends();
    const auto way = chance() % 2 == 0 ? TcpGate::Way::to_server : TcpGate::Way::to_client;
    ASSERT_TRUE(cut(way, chance() % 3000));
    // Else nobody would ever come through.
    if (!drain.wait_for_ends(std::min(began + 1, jobs))) break;
  }
  EXPECT_GT(cuts, 20U);
  drain.expect_each_done_once();
}

TEST_F(Network, AServerOutlivesAnOutageAndStoresWhatEndedMeanwhile) {
  constexpr std::size_t jobs = 60;
  Drain drain{behind_the_gate(), near_, jobs};
  drain.hold_from(20);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  gate_.close();
  drain.release();
  // By now whatever the server does fails.
  ASSERT_TRUE(gate_.wait_for_connection(gate_.connections() + 5));
  EXPECT_LT(near_->monitoring().statistics().lifetime["Succeeded"], jobs);
  gate_.open();
  drain.expect_each_done_once();
}

TEST_F(Network, AServerOutlivesANetworkThatHangs) {
  constexpr std::size_t jobs = 60;
  Drain drain{behind_the_gate(), near_, jobs};
  drain.hold_from(20);
  drain.start();
  ASSERT_TRUE(drain.wait_until_held());
  gate_.stall();
  drain.release();
  ASSERT_TRUE(gate_.wait_for_kept_back());
  gate_.cut();
  // New connections hang too.
  ASSERT_TRUE(gate_.wait_for_kept_back());
  gate_.open();
  drain.expect_each_done_once();
}

// The one that is cut off knows before anybody else does.
TEST_F(Network, AServerThatIsCutOffLetsGoOfItsJobBeforeAnotherTakesIt) {
  constexpr Job<std::string()> work{"work"};
  const auto far = behind_the_gate();
  Progress begun;
  Progress told_to_stop;
  Progress may_end;
  std::atomic<bool> was_told_first{false};
  Handlers lonely;
  lonely.on(work, [&](std::stop_token stop) {
    const std::stop_callback told{stop, [&] { told_to_stop.add(); }};
    begun.add();
    may_end.wait_for(1);
    return std::string{"lonely"};
  });
  Handlers others;
  others.on(work, [&] {
    was_told_first = told_to_stop.count() == 1;
    return std::string{"other"};
  });
  const ServerOptions options{
      .workers = 1, .lease = 1s, .poll_interval = 100ms, .log = silent_sink()};
  Server lonely_server{far, lonely, options};
  Server other_server{near_, others, options};
  Client client{near_, {.log = silent_sink()}};
  lonely_server.start();
  const ServerId before = lonely_server.id();
  const JobId id = client.enqueue(work);
  ASSERT_TRUE(begun.wait_for(1));
  other_server.start();
  gate_.close();
  EXPECT_TRUE(client.wait(id, 1min).ended);
  EXPECT_TRUE(was_told_first);

  gate_.open();
  may_end.add();
  // It joins anew, and what it brings too late changes nothing.
  while (lonely_server.id() == before) std::this_thread::yield();
  lonely_server.stop();
  EXPECT_EQ(client.result<std::string>(id), "other");
  EXPECT_EQ(near_->monitoring().statistics().lifetime["Succeeded"], 1U);
}

// It was sent again on another connection and answered meanwhile: nobody would run what it takes.
TEST_F(Network, AClaimThatArrivesLateTakesNothing) {
  const auto far =
      behind_the_gate({.max_connections = 1, .listen = false, .application_name = "late"});
  testing::TestIds ids;
  const auto server = ids.next<ServerId>();
  far->coordination().announce({.id = server, .name = "test", .job_names = {"work"}, .lease = 1h});
  far->jobs().claim({server, 1, {"default"}, 1});  // the connection is there, the statement known

  gate_.stall();
  std::thread claiming{
      [&] { EXPECT_TRUE(far->jobs().claim({server, 2, {"default"}, 1}).executions.empty()); }};
  EXPECT_TRUE(gate_.wait_for_kept_back());
  gate_.cut_clients();
  gate_.open();
  claiming.join();

  const Unit creation =
      UnitBuilder{ids.next<UnitId>()}.create(JobBuilder{ids.next<JobId>(), "work"});
  near_->jobs().commit({&creation, 1});
  const std::string sessions =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'late'";
  EXPECT_EQ(installation_.execute(sessions), "2") << "one of them waits for its claim";
  gate_.deliver_late();
  while (installation_.execute(sessions) != "1") std::this_thread::yield();
  EXPECT_TRUE(near_->jobs().held(server).empty()) << "a job that nobody runs";
}

}  // namespace
}  // namespace portfire::faults
