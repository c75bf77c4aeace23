// Servers behind a network that fails and comes back.

#include <atomic>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include "fault_cases/place.hpp"
#include "support/drain.hpp"

namespace portfire::faults {
namespace {

class Network : public ::testing::Test {
 protected:
  std::shared_ptr<Storage> behind_the_gate(const Reach& reach = {}) {
    return place_->open_through_gate(reach);
  }

  const std::unique_ptr<Place> place_ = Place::make();
  TcpGate& gate_ = place_->gate();
  const std::shared_ptr<Storage> near_ = place_->open({});
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
    ASSERT_TRUE(drain.wait_for_ends(std::min(began + 1, jobs)));
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
    may_end.await(1);
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

// A network that keeps connections open and lets nothing through.
TEST_F(Network, AServerFencesItselfAndGoesOnWhenTheNetworkThawsOrCuts) {
  constexpr Job<void()> work{"work"};
  for (const bool cuts : {false, true}) {
    SCOPED_TRACE(cuts ? "cuts" : "thaws");
    // Longer than answers take on a busy machine, and short enough to be waited for.
    const auto far = behind_the_gate({.answer_timeout = 1s});
    std::mutex mutex;
    std::string log;  // guarded by mutex
    const auto heard = [&](LogLevel, std::string_view line) {
      const std::scoped_lock guard{mutex};
      log.append(line) += '\n';
    };
    Progress begun;
    Progress told_to_stop;
    Progress may_end;
    std::atomic<int> runs{0};
    Handlers handlers;
    handlers.on(work, [&](std::stop_token stop) {
      const std::stop_callback told{stop, [&] { told_to_stop.add(); }};
      ++runs;
      begun.add();
      may_end.await(1);
    });
    Server server{far, handlers, {.workers = 1, .lease = 2s, .poll_interval = 50ms, .log = heard}};
    server.start();
    const ServerId id = server.id();
    Client client{near_, {.log = silent_sink()}};
    const JobId first = client.enqueue(work);
    ASSERT_TRUE(begun.wait_for(1));
    gate_.stall();
    EXPECT_TRUE(told_to_stop.wait_for(1)) << "its lease has run out, and it does not know";
    if (cuts) gate_.cut();
    gate_.open();
    may_end.add();
    const bool first_ended = client.wait(first, 1min).ended;
    const JobId second = client.enqueue(work);
    const bool second_ended = client.wait(second, 1min).ended;
    const std::scoped_lock guard{mutex};
    ASSERT_TRUE(first_ended && second_ended) << log;
    EXPECT_EQ(client.find(first)->state, "Succeeded");
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(server.id(), id);
  }
}

}  // namespace
}  // namespace portfire::faults
