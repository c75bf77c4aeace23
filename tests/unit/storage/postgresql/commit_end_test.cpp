// Transactions whose statements all succeed and which fail at their end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include <portfire/testing/builders.hpp>

#include "storage/postgresql/committer.hpp"
#include "unit/storage/postgresql/installation.hpp"

namespace portfire::postgresql {
namespace {

using testing::ending;
using ::testing::HasSubstr;
using testing::JobBuilder;
using testing::UnitBuilder;

class PostgresqlCommitEnd : public ::testing::Test {
 protected:
  void SetUp() override {
    storage_ = installation_.open();
    storage_->coordination().announce({.id = server_, .name = "test", .job_names = {"work"}});
  }

  // From now on every transaction that adds a row to the table fails at its end.
  void break_commits_of(const std::string& table) {
    installation_.execute(
        "CREATE FUNCTION :schema.fail() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " RAISE 'no room at the end' USING ERRCODE = '53100'; END$$;"
        "CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON :schema." +
        table + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION :schema.fail()");
  }
  Unit creation(State state = states::enqueued()) {
    return UnitBuilder{ids_.next<UnitId>()}.create(
        JobBuilder{ids_.next<JobId>(), "work"}.state(std::move(state)));
  }
  void create(const Unit& unit) { storage_->jobs().commit({&unit, 1}); }

  template <class Body>
  static void expect_failure(Body body) {
    try {
      body();
      ADD_FAILURE() << "it is said to be done";
    } catch (const StorageError& error) {
      EXPECT_THAT(error.what(), HasSubstr("no room at the end"));
      EXPECT_TRUE(error.retryable());
    }
  }

  Installation installation_;
  testing::TestIds ids_;
  const ServerId server_ = ids_.next<ServerId>();
  std::shared_ptr<Storage> storage_;
};

TEST_F(PostgresqlCommitEnd, OneStatementHasFailed) {
  break_commits_of("job");
  expect_failure([&] { create(creation()); });
  EXPECT_EQ(installation_.execute("SELECT count(*) FROM :schema.job"), "0");
}

TEST_F(PostgresqlCommitEnd, StatementsSentTogetherHaveFailed) {
  create(creation(states::scheduled(Duration::zero())));
  break_commits_of("ready");
  expect_failure([&] { storage_->jobs().promote({}); });
  EXPECT_EQ(installation_.execute("SELECT count(*) FROM :schema.ready"), "0");
  // And the connection is as good as new.
  EXPECT_TRUE(storage_->coordination().heartbeat(server_).known);
  installation_.execute("DROP TRIGGER fails ON :schema.ready");
  EXPECT_EQ(storage_->jobs().promote({}).promoted, 1U);
}

TEST_F(PostgresqlCommitEnd, CallsThatShareATransactionHaveAllFailed) {
  create(creation());
  const auto executions = storage_->jobs().claim({server_, 1, {"default"}, 1}).executions;
  ASSERT_EQ(executions.size(), 1U);
  break_commits_of("job");
  const Settings settings{Installation::url(), installation_.options()};
  Pool pool{settings, 1};
  Claims claims;
  Committer committer{pool, claims};
  const std::vector<Unit> calls[] = {
      {creation()}, {creation()}, {UnitBuilder{ids_.next<UnitId>()}.move(ending(executions[0]))}};
  std::vector<std::thread> threads;
  {
    // The only connection is taken: the first call waits for it, the others gather.
    const std::unique_ptr<Lease> lease{new Lease{pool.borrow("test")}};
    const auto commit = [&](const std::vector<Unit>& units) {
      expect_failure([&] { committer.commit(units); });
    };
    threads.emplace_back(commit, calls[0]);
    while (pool.waiting() == 0) std::this_thread::yield();
    threads.emplace_back(commit, calls[1]);
    threads.emplace_back(commit, calls[2]);
    while (committer.waiting() < 2) std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(installation_.execute("SELECT count(*) FROM :schema.job"), "1");
  EXPECT_EQ(installation_.execute("SELECT count(*) FROM :schema.finished"), "0");
}

}  // namespace
}  // namespace portfire::postgresql
