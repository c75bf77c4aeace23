// Values there and back, statements together, and connections that break.

#include "storage/postgresql/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "storage/postgresql/errors.hpp"
#include "storage/postgresql/pool.hpp"
#include "unit/storage/postgresql/installation.hpp"

namespace portfire::postgresql {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class PostgresqlConnection : public ::testing::Test {
 protected:
  static Installation& installation() {
    static Installation one;
    return one;
  }

  template <class... Values>
  Result ask(const char* sql, const Values&... values) {
    Result rows = connection_.ask(sql, Parameters::of(values...));
    EXPECT_TRUE(rows.next());
    return rows;
  }

  // Ends the sessions of all storages on the database, and returns when they are over.
  static void cut_all_off() {
    installation().execute(
        "SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }

  const Settings settings_{Installation::url(), installation().options()};
  Connection connection_{settings_};
};

TEST_F(PostgresqlConnection, NumbersTextsAndInstantsComeBackAsTheyWereSent) {
  const TimePoint instant = std::chrono::sys_days{std::chrono::year{1999} / 12 / 31};
  const JobId id{0x0123456789ABCDEF, 0xFEDCBA9876543210};
  const Result row = ask("SELECT $1, $2, $3, $4, $5, $6, $7, $8", -5, std::int64_t{-5'000'000'000},
                         true, 2.5, "käse", id, instant, std::optional<std::string>{});
  EXPECT_EQ(row.number(0), -5);
  EXPECT_EQ(row.number(1), -5'000'000'000);
  EXPECT_TRUE(row.flag(2));
  EXPECT_EQ(row.real(3), 2.5);
  EXPECT_EQ(row.text(4), "käse");
  EXPECT_EQ(row.id<JobId>(5), id);
  EXPECT_EQ(row.time(6), instant);
  EXPECT_TRUE(row.is_null(7));
}

TEST_F(PostgresqlConnection, TheServerReadsThemAsTheirTypes) {
  const Result row =
      ask("SELECT $1::text, $2::text, $3::text, $4->>'a'", Interval{std::chrono::minutes{90}},
          Duration{1500}, TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}},
          Json{R"({"a": "b"})"});
  EXPECT_EQ(row.text(0), "01:30:00");
  EXPECT_EQ(row.text(1), "1500");
  EXPECT_THAT(row.string(2), HasSubstr("2026-01-02"));
  EXPECT_EQ(row.text(3), "b");
}

TEST_F(PostgresqlConnection, ArraysComeBackAsTheyWereSent) {
  const std::vector<std::string> texts{"a", "", "c\"d"};
  const std::vector<std::int64_t> numbers{1, -2};
  const std::vector<JobId> ids{{1, 2}, {3, 4}};
  const Result row = ask("SELECT $1, $2, $3, $4", texts, numbers, ids, std::vector<std::string>{});
  EXPECT_EQ(row.texts(0), texts);
  EXPECT_EQ(row.numbers(1), numbers);
  EXPECT_EQ(row.ids<JobId>(2), ids);
  EXPECT_THAT(row.texts(3), IsEmpty());
}

TEST_F(PostgresqlConnection, WhatLiesBeyondTheCalendarIsInfinity) {
  const Result row = ask("SELECT $1, $1 = 'infinity', '-infinity'::timestamptz", TimePoint::max());
  EXPECT_EQ(row.time(0), TimePoint::max());
  EXPECT_TRUE(row.flag(1));
  EXPECT_EQ(row.time(2), TimePoint::min());
}

TEST_F(PostgresqlConnection, BytesThatAreNoTextAreReplaced) {
  using namespace std::string_literals;
  const auto stored = [&](const std::string& text) { return ask("SELECT $1", text).string(0); };
  EXPECT_EQ(stored("a\0b"s), "a\uFFFDb");
  EXPECT_EQ(stored("\xFFx"), "\uFFFDx");
  EXPECT_EQ(stored("x\xE2\x82"), "x\uFFFD\uFFFD");          // cut off
  EXPECT_EQ(stored("\xC0\xAF"), "\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(stored("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(stored("\xF0\x9F\x94\xA5"), "\U0001F525");
}

TEST_F(PostgresqlConnection, StatementsTogetherAreDoneAllOrNone) {
  migrate(Installation::url(), installation().schema());
  const auto version = [&] {
    return installation().execute("SELECT portfire_release FROM :schema.version");
  };
  const std::string before = version();
  const Statement change{Query::set_schema_version, Parameters::of(1, 2, "x")};
  const Statement mistake{Query::limit_statements, Parameters::of("no number")};
  EXPECT_THROW(connection_.run_together(std::vector{change, mistake, change}), DatabaseError);
  EXPECT_EQ(version(), before);
  // And goes on as though nothing had happened.
  EXPECT_FALSE(connection_.is_in_transaction());
  EXPECT_EQ(ask("SELECT 7").number(0), 7);
}

TEST_F(PostgresqlConnection, WithoutPreparedStatementsTheServerKeepsNone) {
  migrate(Installation::url(), installation().schema());
  Options options = installation().options();
  options.prepared_statements = false;
  const Settings settings{Installation::url(), options};
  Connection connection{settings};
  connection.run(Query::beats);
  const Statement look{Query::beats, {}};
  connection.run_together(std::vector{look, look});
  Result rows = connection.ask("SELECT count(*) FROM pg_prepared_statements");
  rows.next();
  EXPECT_EQ(rows.number(0), 0);
}

TEST_F(PostgresqlConnection, OneThatIsCutOffSaysSo) {
  EXPECT_TRUE(connection_.is_usable());
  cut_all_off();
  EXPECT_FALSE(connection_.is_usable());
  try {
    connection_.execute("SELECT 1");
    FAIL() << "it went through";
  } catch (const DatabaseError& error) {
    EXPECT_EQ(error.cure(), Cure::reconnect);
    EXPECT_TRUE(error.connection_lost());
  }
}

TEST_F(PostgresqlConnection, AMissingDatabaseIsNamedAndNotTriedAgain) {
  try {
    open(Installation::server().url("no_such_database"), {});
    FAIL() << "opened";
  } catch (const StorageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no_such_database"));
    EXPECT_FALSE(error.retryable());
  }
}

// The URL of the database for another user, who may log in.
std::string url_for(const std::string& role, const std::string& attributes) {
  PrivatePostgres& server = Installation::server();
  server.execute(Installation::url(),
                 "DROP ROLE IF EXISTS " + role + "; CREATE ROLE " + role + " LOGIN " + attributes);
  std::string url = Installation::url();
  return url.replace(url.find("postgres@"), std::string{"postgres"}.size(), role);
}

TEST_F(PostgresqlConnection, AWrongPasswordIsNamedNeverShownAndNotTriedAgain) {
  PrivatePostgres& server = Installation::server();
  const std::string url = url_for("keyholder", "PASSWORD 'right'");
  std::string rules;
  {
    std::ifstream file{server.data() / "pg_hba.conf"};
    rules.assign(std::istreambuf_iterator<char>{file}, {});
  }
  std::ofstream{server.data() / "pg_hba.conf"} << "local all keyholder scram-sha-256\n" << rules;
  server.reload();
  const auto complaint = [&](const std::string& password) -> std::string {
    std::string with_password = url;
    with_password.insert(url.find('@'), password);
    try {
      static_cast<void>(schema_version(with_password, "none"));
    } catch (const StorageError& error) {
      EXPECT_FALSE(error.retryable());
      return error.what();
    }
    return "opened";
  };
  // The server reads its rules again in its own time.
  while (complaint("") == "opened") std::this_thread::yield();
  EXPECT_THAT(complaint(""), HasSubstr("a password is needed"));
  EXPECT_THAT(complaint(":wrong"), AllOf(HasSubstr("password is wrong"), Not(HasSubstr(":wrong"))));
  EXPECT_EQ(complaint(":right"), "opened");
}

TEST_F(PostgresqlConnection, AServerWithoutAConnectionToSpareIsForLater) {
  const Settings settings{url_for("lonely", "CONNECTION LIMIT 1"), {}};
  const Connection only{settings};
  try {
    const Connection another{settings};
    FAIL() << "there was one";
  } catch (const DatabaseError& error) {
    EXPECT_EQ(error.cure(), Cure::wait);
    EXPECT_TRUE(error.retryable());
    EXPECT_THAT(error.what(), HasSubstr("no connection left"));
  }
}

TEST_F(PostgresqlConnection, APoolReplacesWhatWasCutOffWhileNobodyHadIt) {
  Pool pool{settings_, 1};
  const auto backend = [&] {
    return pool.with(
        "look",
        [](Connection& connection) {
          Result rows = connection.ask("SELECT pg_backend_pid()");
          rows.next();
          return rows.number(0);
        },
        Again::no);
  };
  const std::int64_t first = backend();
  EXPECT_EQ(backend(), first);
  cut_all_off();
  EXPECT_NE(backend(), first);
}

TEST_F(PostgresqlConnection, APoolRepeatsWhatWasCutOffInTheMiddleUnlessToldOtherwise) {
  Pool pool{settings_, 1};
  for (const Again again : {Again::yes, Again::no}) {
    int calls = 0;
    const auto body = [&](Connection& connection) {
      if (++calls == 1) cut_all_off();
      connection.execute("SELECT 1");
    };
    if (again == Again::yes) {
      pool.with("look", body, again);
      EXPECT_EQ(calls, 2);
    } else {
      EXPECT_THROW(pool.with("look", body, again), DatabaseError);
      EXPECT_EQ(calls, 1);
    }
  }
}

TEST_F(PostgresqlConnection, APoolGivesNobodyAnOpenTransaction) {
  Pool pool{settings_, 1};
  pool.with("look", [](Connection& connection) { connection.execute("BEGIN"); });
  pool.with("look", [](Connection& connection) { EXPECT_FALSE(connection.is_in_transaction()); });
}

TEST_F(PostgresqlConnection, APoolHasNoMoreConnectionsThanItMay) {
  Pool pool{settings_, 2};
  const Lease first = pool.borrow("look");
  std::atomic<bool> has_third = false;
  std::thread third;
  {
    const Lease second = pool.borrow("look");
    third = std::thread{[&] {
      const Lease lease = pool.borrow("look");
      has_third = true;
    }};
    while (pool.waiting() == 0) std::this_thread::yield();
    EXPECT_FALSE(has_third);
  }
  third.join();
  EXPECT_TRUE(has_third);
}

}  // namespace
}  // namespace portfire::postgresql
