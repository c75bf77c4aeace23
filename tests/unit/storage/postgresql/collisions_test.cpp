// Deadlocks and serialisation failures, as often as a test wants them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <portfire/error.hpp>
#include <portfire/testing/builders.hpp>

#include "unit/storage/postgresql/installation.hpp"

namespace portfire::postgresql {
namespace {

using testing::ending;
using ::testing::HasSubstr;
using testing::JobBuilder;
using ::testing::SizeIs;
using testing::UnitBuilder;

class PostgresqlCollisions : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    storage_ = installation_.open();
    storage_->coordination().announce({.id = server_, .name = "test", .job_names = {"work"}});
    installation_.execute(
        "CREATE SEQUENCE :schema.collision;"
        "CREATE FUNCTION :schema.collide() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " IF nextval(':schema.collision') < 0 THEN"
        "  RAISE 'a collision' USING ERRCODE = '" +
        std::string{GetParam()} + "'; END IF; RETURN NULL; END$$");
    for (const std::string table : {"ready", "claim", "finished", "server"}) {
      installation_.execute("CREATE TRIGGER collides AFTER INSERT OR UPDATE ON :schema." + table +
                            " FOR EACH STATEMENT EXECUTE FUNCTION :schema.collide()");
    }
  }

  // So many transactions to come fail; what counts them is not undone with them.
  void let_fail(int transactions) {
    installation_.execute("ALTER SEQUENCE :schema.collision MINVALUE -1000 RESTART " +
                          std::to_string(-transactions));
  }
  Unit creation() {
    return UnitBuilder{ids_.next<UnitId>()}.create(JobBuilder{ids_.next<JobId>(), "work"});
  }
  CommitStatus commit(const Unit& unit) { return storage_->jobs().commit({&unit, 1})[0].status; }

  Installation installation_;
  testing::TestIds ids_;
  const ServerId server_ = ids_.next<ServerId>();
  std::shared_ptr<Storage> storage_;
};

TEST_P(PostgresqlCollisions, AreRepeatedInSilence) {
  constexpr int some = 3;
  let_fail(some);
  EXPECT_EQ(commit(creation()), CommitStatus::applied);
  let_fail(some);
  const auto executions = storage_->jobs().claim({server_, 1, {"default"}, 1}).executions;
  ASSERT_THAT(executions, SizeIs(1));
  let_fail(some);
  EXPECT_TRUE(storage_->coordination().heartbeat(server_).known);
  let_fail(some);
  const Unit end = UnitBuilder{ids_.next<UnitId>()}.move(ending(executions[0]));
  EXPECT_EQ(commit(end), CommitStatus::applied);
  EXPECT_EQ(storage_->monitoring().statistics().lifetime["Succeeded"], 1U);
}

TEST_P(PostgresqlCollisions, ThatDoNotEndAreForLater) {
  constexpr int many = 500;
  const Unit unit = creation();
  let_fail(many);
  try {
    commit(unit);
    ADD_FAILURE() << "it went through";
  } catch (const StorageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("it collided with another transaction"));
    EXPECT_TRUE(error.retryable());
    EXPECT_FALSE(error.connection_lost());
  }
  EXPECT_EQ(installation_.execute("SELECT count(*) FROM :schema.job"), "0");
  let_fail(0);
  EXPECT_EQ(commit(unit), CommitStatus::applied);
}

INSTANTIATE_TEST_SUITE_P(Of, PostgresqlCollisions, ::testing::Values("40001", "40P01"));

class PostgresqlNewUnits : public ::testing::Test {
 protected:
  Unit creation(int jobs = 1) {
    UnitBuilder unit{ids_.next<UnitId>()};
    for (int i = 0; i < jobs; ++i) unit.create(JobBuilder{ids_.next<JobId>(), "work"});
    Unit created = unit;
    created.is_new = true;
    return created;
  }
  std::string stored() { return installation_.execute("SELECT count(*) FROM :schema.job"); }

  Installation installation_;
  testing::TestIds ids_;
  std::shared_ptr<Storage> storage_ = installation_.open();
};

TEST_F(PostgresqlNewUnits, AreRecognisedEvenWhereTheyAreNotNew) {
  for (const int jobs : {1, 3}) {
    const Unit unit = creation(jobs);
    EXPECT_EQ(storage_->jobs().commit({&unit, 1})[0].status, CommitStatus::applied);
    EXPECT_EQ(storage_->jobs().commit({&unit, 1})[0].status, CommitStatus::already_applied);
  }
  EXPECT_EQ(stored(), "4");
}

TEST_F(PostgresqlNewUnits, BesideOneThatWasThereBeforeAreCreated) {
  std::vector<Unit> units = {creation(), creation(), creation()};
  storage_->jobs().commit({&units[1], 1});
  const auto results = storage_->jobs().commit(units);
  EXPECT_EQ(results[0].status, CommitStatus::applied);
  EXPECT_EQ(results[1].status, CommitStatus::already_applied);
  EXPECT_EQ(results[2].status, CommitStatus::applied);
  EXPECT_EQ(stored(), "3");
}

}  // namespace
}  // namespace portfire::postgresql
