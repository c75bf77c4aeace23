#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <chrono>
#include <string>
#include <vector>

#include <portfire/testing/builders.hpp>

#include "unit/storage/postgresql/installation.hpp"

namespace portfire::postgresql {
namespace {

using namespace std::chrono_literals;
using testing::ending;
using testing::JobBuilder;
using testing::moving;
using testing::UnitBuilder;

class MonitoringTest : public ::testing::Test {
 protected:
  // Jobs in every kind of state, in two queues.
  void fill() {
    storage_->coordination().announce(server_);
    const JobId parent = create(job());
    for (int i = 0; i < 6; ++i) create(job().queue(i % 2 == 0 ? "default" : "mail"));
    create(job().after(parent));
    create(job().scheduled(1h));
    move(moving(create(job()), states::failed("broken")));
    for (const Execution& execution : claim(4)) {
      if (execution.ref.job != parent) move(ending(execution));
    }
  }
  JobId create(JobBuilder job) {
    commit(UnitBuilder{ids_.next<UnitId>()}.create(job));
    return job.id();
  }
  JobBuilder job() { return {ids_.next<JobId>(), "work"}; }
  void move(Transition change) { commit(UnitBuilder{ids_.next<UnitId>()}.move(change)); }
  std::vector<Execution> claim(std::size_t max) {
    return storage_->jobs()
        .claim({.server = server_.id, .token = ++token_, .queues = {"default"}, .max = max})
        .executions;
  }
  Monitoring& monitoring() { return storage_->monitoring(); }

  testing::TestIds ids_;
  Installation installation_;
  const std::shared_ptr<Storage> storage_ = installation_.open();
  const ServerInfo server_{.id = ids_.next<ServerId>(), .name = "server", .job_names = {"work"}};
  std::uint64_t token_ = 0;

 private:
  void commit(const Unit& unit) { ASSERT_TRUE(storage_->jobs().commit({&unit, 1}).front().done()); }
};

TEST_F(MonitoringTest, NumbersAreTheSameBeforeAndAfterTheyAreFolded) {
  fill();
  const Statistics before = monitoring().statistics();
  const auto hours = monitoring().history(TimePoint::min(), TimePoint::max());
  ASSERT_EQ(before.live.size(), 6U);
  ASSERT_GE(hours.size(), 3U);
  ASSERT_NE(installation_.execute("SELECT count(*) FROM :schema.change"), "0");
  storage_->jobs().expire(1000);
  ASSERT_EQ(installation_.execute("SELECT count(*) FROM :schema.change"), "0");
  EXPECT_EQ(monitoring().statistics().live, before.live);
  EXPECT_EQ(monitoring().statistics().lifetime, before.lifetime);
  EXPECT_EQ(monitoring().history(TimePoint::min(), TimePoint::max()), hours);
  // And what comes afterwards is added.
  create(job());
  EXPECT_EQ(monitoring().statistics().lifetime["Created"], before.lifetime.at("Created") + 1);
}

TEST_F(MonitoringTest, NumbersAreThoseOfTheJobs) {
  fill();
  std::uint64_t live = 0;
  for (const StateCount& count : monitoring().statistics().live) live += count.count;
  EXPECT_EQ(live, monitoring().list({.limit = 1000}).jobs.size());
  for (const StateCount& count : monitoring().statistics().live) {
    EXPECT_EQ(count.count,
              monitoring().list({.state = count.state, .queue = count.queue}).jobs.size())
        << count.queue << ' ' << count.state;
  }
}

// Readers see one moment, and neither wait for writers nor let them wait.
TEST_F(MonitoringTest, ReadersDoNotWaitForWriters) {
  fill();
  const auto jobs = monitoring().list({.limit = 1000}).jobs;
  const std::string url = Installation::url();
  const std::unique_ptr<PGconn, void (*)(PGconn*)> writer{PQconnectdb(url.c_str()), &PQfinish};
  const std::string schema = installation_.schema();
  const std::string locks = "BEGIN; DELETE FROM " + schema + ".job; DELETE FROM " + schema +
                            ".finished; UPDATE " + schema + ".server SET beat = beat + 1";
  PQclear(PQexec(writer.get(), locks.c_str()));
  ASSERT_EQ(PQtransactionStatus(writer.get()), PQTRANS_INTRANS);
  EXPECT_EQ(monitoring().list({.limit = 1000}).jobs.size(), jobs.size());
  EXPECT_TRUE(monitoring().job(jobs.front().id));
  EXPECT_EQ(monitoring().servers().size(), 1U);
  EXPECT_EQ(monitoring().queues().size(), 2U);
  PQclear(PQexec(writer.get(), "ROLLBACK"));
}

}  // namespace
}  // namespace portfire::postgresql
