// Schemas: made, recognised, refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <portfire/error.hpp>
#include <portfire/postgresql.hpp>
#include <portfire/testing/builders.hpp>

#include "storage/postgresql/connection.hpp"
#include "storage/postgresql/settings.hpp"
#include "unit/storage/postgresql/installation.hpp"

namespace portfire::postgresql {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PostgresqlSchema : public ::testing::Test {
 protected:
  int version() { return schema_version(Installation::url(), installation_.schema()); }
  void bring_up_to_date() { migrate(Installation::url(), installation_.schema()); }
  std::string execute(const std::string& statements) { return installation_.execute(statements); }

  std::string complaint(Options options = {}) {
    try {
      static_cast<void>(installation_.open(std::move(options)));
    } catch (const StorageError& error) {
      return error.what();
    }
    return "opened";
  }

  Installation installation_;
};

TEST_F(PostgresqlSchema, OneThatDoesNotExistHasVersionZero) {
  EXPECT_EQ(version(), 0);
  EXPECT_EQ(execute("SELECT count(*) FROM pg_namespace WHERE nspname = ':schema'"), "0");
}

TEST_F(PostgresqlSchema, MigratingBringsItToTheNewestVersion) {
  bring_up_to_date();
  EXPECT_EQ(version(), schema_version());
  bring_up_to_date();
  EXPECT_EQ(version(), schema_version());
}

TEST_F(PostgresqlSchema, OpeningMigratesUnlessToldOtherwise) {
  EXPECT_THAT(complaint({.migrate = false}),
              AllOf(HasSubstr(installation_.schema()), HasSubstr("portfire migrate")));
  EXPECT_EQ(complaint(), "opened");
  EXPECT_EQ(complaint({.migrate = false}), "opened");
}

TEST_F(PostgresqlSchema, AnEmptyOneMadeBySomebodyElseIsUsed) {
  execute("CREATE SCHEMA :schema");
  EXPECT_EQ(version(), 0);
  EXPECT_EQ(complaint(), "opened");
}

TEST_F(PostgresqlSchema, ANewerOneIsRefusedWithBothVersionsAndTheCure) {
  bring_up_to_date();
  execute("UPDATE :schema.version SET portfire_schema = 4711");
  const auto expected = AllOf(HasSubstr("4711"), HasSubstr(std::to_string(schema_version())),
                              HasSubstr("use a Portfire at least as new"));
  EXPECT_THAT(complaint(), expected);
  EXPECT_THAT(complaint({.migrate = false}), expected);
  EXPECT_THROW(bring_up_to_date(), StorageError);
  EXPECT_EQ(version(), 4711);
}

TEST_F(PostgresqlSchema, ThatOfAnotherProgramIsRefusedAndLeftAlone) {
  execute("CREATE SCHEMA :schema; CREATE TABLE :schema.customer (id integer)");
  EXPECT_THAT(complaint(), HasSubstr("belongs to another program"));
  EXPECT_EQ(execute("SELECT count(*) FROM pg_tables WHERE schemaname = ':schema'"), "1");
}

TEST_F(PostgresqlSchema, ATableCalledVersionAloneMakesItNotOurs) {
  execute("CREATE SCHEMA :schema; CREATE TABLE :schema.version (number integer)");
  EXPECT_THAT(complaint(), HasSubstr("belongs to another program"));
}

TEST_F(PostgresqlSchema, FunctionsAreReplacedWhenTheyAreNotThoseOfTheLibrary) {
  bring_up_to_date();
  execute("DROP FUNCTION :schema.tell(text[])");
  EXPECT_EQ(complaint(), "opened");
  EXPECT_EQ(execute("SELECT count(*) FROM pg_proc WHERE pronamespace = ':schema'::regnamespace"
                    " AND proname = 'tell'"),
            "0");

  migrate(Installation::url(), installation_.schema());
  EXPECT_EQ(execute("SELECT count(*) FROM pg_proc WHERE pronamespace = ':schema'::regnamespace"
                    " AND proname = 'tell'"),
            "1");

  execute("UPDATE :schema.version SET functions = 'older'; DROP FUNCTION :schema.tell(text[])");
  EXPECT_THAT(complaint({.migrate = false}), HasSubstr("portfire migrate"));
  EXPECT_EQ(complaint(), "opened");
  EXPECT_EQ(execute("SELECT count(*) FROM pg_proc WHERE pronamespace = ':schema'::regnamespace"
                    " AND proname = 'tell'"),
            "1");
}

TEST_F(PostgresqlSchema, FunctionsOfANewerReleaseStay) {
  bring_up_to_date();
  execute("UPDATE :schema.version SET functions = 'newer', portfire_release = 2000000000");
  EXPECT_EQ(complaint(), "opened");
  EXPECT_EQ(complaint({.migrate = false}), "opened");
  EXPECT_EQ(execute("SELECT functions FROM :schema.version"), "newer");
}

TEST_F(PostgresqlSchema, TenMayMigrateAtTheSameTime) {
  constexpr int many = 10;
  std::atomic<int> opened{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < many; ++i) {
    threads.emplace_back([&] {
      installation_.open()->monitoring().statistics();
      ++opened;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, many);
  EXPECT_EQ(execute("SELECT count(*) FROM :schema.version"), "1");
  EXPECT_EQ(version(), schema_version());
}

TEST_F(PostgresqlSchema, AFailedMigrationLeavesNothingBehind) {
  // A type of that name is in the way of the table.
  execute("CREATE SCHEMA :schema; CREATE TYPE :schema.claim AS ENUM ('a')");
  EXPECT_THAT(complaint(), HasSubstr(": migrate: "));
  EXPECT_EQ(execute("SELECT count(*) FROM pg_tables WHERE schemaname = ':schema'"), "0");
}

TEST_F(PostgresqlSchema, WhatAnOlderVersionHasStoredIsKept) {
  const Settings settings{Installation::url(), installation_.options()};
  execute(
      "CREATE SCHEMA :schema;"
      "CREATE TABLE :schema.version (portfire_schema integer NOT NULL,"
      " portfire_release integer NOT NULL, functions text NOT NULL);"
      "INSERT INTO :schema.version VALUES (2, 0, '')");
  for (int version = 0; version < 2; ++version)
    execute(settings.expanded(migration_texts[version]));
  const std::string columns =
      "position, place, epoch, created_at, since, lane, state, marks,"
      " attempt, name, arguments";
  execute("INSERT INTO :schema.job (id, kind, " + columns +
          ")"
          " VALUES ('00000000-0000-0000-0000-000000000001', 0, 1, 1, 0, now(), now(), 1, 1, 0, 0,"
          " 'work', '[]');"
          "INSERT INTO :schema.ready VALUES (1, 1, 0, 1, '00000000-0000-0000-0000-000000000001');"
          "INSERT INTO :schema.finished (id, expires_at, " +
          columns +
          ")"
          " VALUES ('00000000-0000-0000-0000-000000000002', 'infinity', 2, 2, 1, now(), now(), 1,"
          " 5, 0, 0, 'work', '[]')");
  EXPECT_EQ(version(), 2);
  const auto storage = installation_.open();
  EXPECT_EQ(version(), schema_version());
  std::vector<std::string> states;
  for (const JobSummary& job : storage->monitoring().list({}).jobs) {
    EXPECT_EQ(job.batch, std::nullopt);
    states.push_back(job.state);
  }
  EXPECT_THAT(states, ElementsAre("Succeeded", "Enqueued"));
  const ServerId server{1, 1};
  storage->coordination().announce({.id = server, .name = "test", .job_names = {"work"}});
  const auto executions = storage->jobs().claim({server, 1, {"default"}, 10}).executions;
  ASSERT_EQ(executions.size(), 1U);
  const Unit end = testing::UnitBuilder{UnitId{1, 2}}.move(testing::ending(executions[0]));
  EXPECT_EQ(storage->jobs().commit({&end, 1})[0].status, CommitStatus::applied);
}

TEST_F(PostgresqlSchema, SeveralInstallationsShareADatabase) {
  const Installation other;
  const auto one = installation_.open();
  const auto another = other.open();
  one->jobs().set_parameters({}, {});
  EXPECT_EQ(version(), schema_version(Installation::url(), other.schema()));
}

TEST_F(PostgresqlSchema, MissingPrivilegesAreNamed) {
  execute("DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN");
  std::string url = Installation::url();
  url.replace(url.find("postgres@"), std::string{"postgres"}.size(), "stranger");
  try {
    open(url, installation_.options());
    FAIL() << "opened";
  } catch (const StorageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("permission is missing"));
    EXPECT_FALSE(error.retryable());
  }
  bring_up_to_date();
  try {
    open(url, installation_.options());
    FAIL() << "opened";
  } catch (const StorageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("permission is missing"));
  }
  execute(
      "GRANT USAGE ON SCHEMA :schema TO stranger;"
      "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA :schema TO stranger;"
      "GRANT USAGE ON ALL SEQUENCES IN SCHEMA :schema TO stranger");
  const auto storage = open(url, installation_.options());
  EXPECT_NO_THROW(storage->monitoring().statistics());
  // Partitions come and go in the name of their owner.
  execute(
      "DO $$ DECLARE last text := (SELECT max(name) FROM :schema.finished_partition); BEGIN"
      " EXECUTE format('DROP TABLE :schema.%I', last);"
      " DELETE FROM :schema.finished_partition WHERE name = last; END $$;"
      "INSERT INTO :schema.finished_partition VALUES ('2020-01-01', '2020-01-02', 'finished_old');"
      "CREATE TABLE :schema.finished_old (LIKE :schema.finished)");
  EXPECT_NO_THROW(storage->jobs().expire(10));
  EXPECT_EQ(execute("SELECT max(ends) > now() + interval '24 hours' AND min(ends) > now()"
                    " FROM :schema.finished_partition"),
            "t");
}

TEST(PostgresqlOptions, AreCheckedBeforeAnythingIsOpened) {
  const std::string nowhere = "host=/nowhere";
  EXPECT_THROW(open(nowhere, {.schema = ""}), UsageError);
  EXPECT_THROW(open(nowhere, {.schema = "pg_mine"}), UsageError);
  EXPECT_THROW(open(nowhere, {.schema = "robert'); drop"}), UsageError);
  EXPECT_THROW(open(nowhere, {.schema = std::string(55, 'x')}), UsageError);
  EXPECT_THROW(open(nowhere, {.max_connections = 0}), UsageError);
  EXPECT_THROW(open(nowhere, {.poll_interval = Duration::zero()}), UsageError);
  EXPECT_THROW(open(nowhere, {.answer_timeout = std::chrono::milliseconds{99}}), UsageError);
  EXPECT_THROW(open("postgresql://[broken"), UsageError);
  EXPECT_THROW(open("host=x no_such_option=1"), UsageError);
}

}  // namespace
}  // namespace portfire::postgresql
