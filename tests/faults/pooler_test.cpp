// PgBouncer in transaction mode between the storage and the database, with the documented options.

#include "faults/faults.hpp"
#include "support/private_pooler.hpp"

#include <portfire/open.hpp>

namespace portfire::faults {
namespace {

constexpr Job<void()> mark{"mark"};

class Pooler : public ::testing::Test {
 protected:
  // More of ours than the pooler has of the database's.
  std::shared_ptr<Storage> open() {
    const std::string url = installation_.url();
    return portfire::open(pooler_.url(url.substr(url.rfind('/') + 1)) +
                              "?wakeup=poll&prepared_statements=off&max_connections=8&schema=" +
                              installation_.schema(),
                          all_drivers());
  }

  const Installation installation_;
  const PrivatePooler pooler_{installation_.server(), 2};
};

TEST_F(Pooler, JobsAreRunOnceEach) {
  Drain drain{open(), open(), 300};
  drain.start();
  drain.expect_each_done_once();
}

TEST_F(Pooler, ManyThreadsShareItsFewConnections) {
  constexpr std::size_t threads = 12;
  constexpr std::size_t jobs_each = 20;
  const auto storage = open();
  Client client{storage, {.log = silent_sink()}};
  std::vector<std::thread> clients;
  for (std::size_t i = 0; i < threads; ++i) {
    clients.emplace_back([&] {
      for (std::size_t job = 0; job < jobs_each; ++job) client.enqueue(mark);
    });
  }
  for (std::thread& each : clients) each.join();
  EXPECT_EQ(installation_.count("job"), std::to_string(threads * jobs_each));
}

// Nobody can listen here, and another process enqueues.
TEST_F(Pooler, AnIdleServerFindsWhatIsNewAndWhatIsDue) {
  Handlers handlers;
  handlers.on(mark, [] {});
  Server server{open(), std::move(handlers), {.workers = 1, .log = silent_sink()}};
  server.start();
  Client client{open(), {.log = silent_sink()}};
  const auto expect_run = [&](JobId id) {
    const Waited waited = client.wait(id, 1min);
    ASSERT_TRUE(waited.ended);
    EXPECT_EQ(waited.job->state, "Succeeded");
  };
  const JobId first = client.enqueue(mark);
  expect_run(first);
  expect_run(client.enqueue(mark));
  expect_run(client.schedule(mark, 10ms));
  expect_run(client.continue_with(mark, first));
}

}  // namespace
}  // namespace portfire::faults
