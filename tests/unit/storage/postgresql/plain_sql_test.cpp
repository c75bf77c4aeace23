// Jobs that are created and changed by plain SQL, as triggers and other languages do.

#include <gtest/gtest.h>

#include <string>

#include <portfire/client.hpp>
#include <portfire/postgresql.hpp>

#include "support/postgres_place.hpp"

namespace portfire::postgresql {
namespace {

class PlainSqlTest : public ::testing::Test {
 protected:
  std::string sql(const std::string& statements) {
    return PrivatePostgres::shared().execute(
        place_.url(), "SET search_path = " + place_.schema() + "; " + statements);
  }
  JobDetails find(const std::string& id) { return client_.find(*parse_id<JobId>(id)).value(); }

  // The message with which statements are refused.
  std::string refusal(const std::string& statements) {
    try {
      sql(statements);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "not refused";
  }
  void expect_refused(const std::string& statements, const std::string& rule) {
    EXPECT_NE(refusal(statements).find(rule), std::string::npos) << refusal(statements);
    EXPECT_EQ(sql("SELECT count(*) FROM job"), "0");
  }

  PostgresPlace place_;
  std::shared_ptr<Storage> storage_ = open(place_.url(), {.schema = place_.schema()});
  Client client_{storage_};
};

TEST_F(PlainSqlTest, EnqueuesWithDefaults) {
  const JobDetails job = find(sql("SELECT enqueue('mail.send')"));
  EXPECT_EQ(job.name, "mail.send");
  EXPECT_EQ(job.arguments, "[]");
  EXPECT_EQ(job.queue, "default");
  EXPECT_EQ(job.state, "Enqueued");
}

TEST_F(PlainSqlTest, EnqueuesWithEverything) {
  const JobDetails job =
      find(sql("SELECT enqueue('mail.send', '[\"ann\", 7]', queue => 'mail', priority => 9,"
               " attempts => 3, unique_key => 'ann', parameters => '{\"colour\": \"red\"}')"));
  EXPECT_EQ(job.arguments, "[\"ann\", 7]");
  EXPECT_EQ(job.queue, "mail");
  EXPECT_EQ(job.priority, 9);
  EXPECT_EQ(job.unique_key, "ann");
  EXPECT_EQ(job.parameters.at("colour"), "\"red\"");
  EXPECT_EQ(job.parameters.at("portfire.attempts"), "3");
}

TEST_F(PlainSqlTest, AHeldKeyGivesItsHolder) {
  EXPECT_EQ(sql("SELECT enqueue('a', unique_key => 'k') = enqueue('b', unique_key => 'k')"), "t");
  EXPECT_EQ(sql("SELECT count(*) FROM job"), "1");
}

TEST_F(PlainSqlTest, ALaterCallReplacesTheHolderOfAKey) {
  const std::string first = sql("SELECT enqueue('a', '[1]', unique_key => 'k')");
  EXPECT_EQ(sql("SELECT schedule(interval '1 hour', 'a', '[2]', unique_key => 'k',"
                " replaces => true)"),
            first);
  EXPECT_EQ(find(first).arguments, "[2]");
  EXPECT_EQ(find(first).state, "Scheduled");
  EXPECT_NE(
      refusal("SELECT enqueue('b', unique_key => 'k', replaces => true)").find("has another name"),
      std::string::npos);
}

TEST_F(PlainSqlTest, JobsOfOneLimitStandInLine) {
  const std::string first = sql("SELECT enqueue('a', limit_key => 'k')");
  const std::string second = sql("SELECT enqueue('a', limit_key => 'k')");
  EXPECT_EQ(find(first).state, "Enqueued");
  EXPECT_EQ(find(first).limit_key, "k");
  EXPECT_TRUE(find(second).in_line);
  EXPECT_EQ(find(sql("SELECT enqueue('a', limit_key => 'l', at_once => 2)")).state, "Enqueued");
  EXPECT_EQ(find(sql("SELECT enqueue('a', limit_key => 'l', at_once => 2)")).state, "Enqueued");
  sql("SELECT \"delete\"('" + first + "')");
  EXPECT_EQ(find(second).state, "Enqueued");
  sql("SELECT \"delete\"('" + second + "')");
  EXPECT_EQ(sql("SELECT count(*) FROM limit_key WHERE key = 'k'"), "0");
}

TEST_F(PlainSqlTest, SchedulesAtAnInstantAndAfterADelay) {
  const JobDetails at = find(sql("SELECT schedule('2100-01-01 00:00Z'::timestamptz, 'a')"));
  EXPECT_EQ(at.state, "Scheduled");
  EXPECT_EQ(to_string(at.due_at.value()), "2100-01-01T00:00:00.000000Z");
  const JobDetails after = find(sql("SELECT schedule(interval '1 day', 'a')"));
  EXPECT_GT(after.due_at.value(), after.created_at + std::chrono::hours{23});
}

TEST_F(PlainSqlTest, AContinuationRunsAfterItsParent) {
  const std::string parent = sql("SELECT enqueue('a')");
  const std::string child =
      sql("SELECT continue_with('" + parent + "', 'b', condition => 'deleted')");
  EXPECT_EQ(find(child).state, "Awaiting");
  EXPECT_EQ(sql("SELECT \"delete\"('" + parent + "', reason => 'not wanted')"), "t");
  EXPECT_EQ(find(parent).reason, "not wanted");
  EXPECT_EQ(find(child).state, "Enqueued");
}

TEST_F(PlainSqlTest, ChangesStateWhereItIsAsExpected) {
  const std::string id = sql("SELECT enqueue('a')");
  EXPECT_EQ(sql("SELECT \"delete\"('" + id + "', 'Failed')"), "f");
  EXPECT_EQ(find(id).state, "Enqueued");
  EXPECT_EQ(sql("SELECT reschedule('" + id + "', now() + interval '1 hour')"), "t");
  EXPECT_EQ(find(id).state, "Scheduled");
  EXPECT_EQ(sql("SELECT requeue('" + id + "', 'Scheduled')"), "t");
  EXPECT_EQ(find(id).state, "Enqueued");
  EXPECT_EQ(sql("SELECT requeue(new_id())"), "f");
}

TEST_F(PlainSqlTest, WhatBreaksARuleIsRefusedWithFieldValueAndRule) {
  expect_refused("SELECT enqueue('')", "job name is \"\"; it must not be empty");
  expect_refused("SELECT enqueue(repeat('x', 201))", "it must be at most 200 bytes long");
  expect_refused("SELECT enqueue(E'a\\nb')", "it must not contain control characters");
  expect_refused("SELECT enqueue('a', '{}')", "arguments is \"{}\"; they must be a JSON array");
  expect_refused("SELECT enqueue('a', queue => 'No')", "queue is \"No\"; a queue name is");
  expect_refused("SELECT enqueue('a', priority => 101)", "it must be from -100 to 100");
  expect_refused("SELECT enqueue('a', attempts => -1)", "it must be from 0 to 1000000");
  expect_refused("SELECT enqueue('a', unique_key => '')", "unique key is \"\"");
  expect_refused("SELECT enqueue('a', replaces => true)", "who is replaced is found by");
  expect_refused("SELECT enqueue('a', limit_key => '')", "limit key is \"\"");
  expect_refused("SELECT enqueue('a', at_once => 0)", "at_once is \"0\"; it must be at least 1");
  expect_refused("SELECT enqueue('a', parameters => '[]')", "they must be a JSON object");
  expect_refused("SELECT enqueue('a', parameters => '{\"portfire.x\": 1}')", "are reserved");
  expect_refused("SELECT schedule(NULL::timestamptz, 'a')", "due is \"NULL\"");
  expect_refused("SELECT reschedule(new_id(), NULL)", "due is \"NULL\"");
  expect_refused("SELECT reschedule(new_id(), '-infinity')", "due is \"-infinity\"");
  expect_refused("SELECT continue_with(new_id(), 'a')", "there is no such job");
  expect_refused("SELECT continue_with(new_id(), 'a', condition => 'x')", "condition is \"x\"");
}

TEST_F(PlainSqlTest, ATriggerCreatesJobsWithItsRows) {
  sql("CREATE TABLE customer (name text);"
      "CREATE FUNCTION greet() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      "  PERFORM enqueue('greet', jsonb_build_array(new.name)); RETURN new; END $$;"
      "CREATE TRIGGER greeting AFTER INSERT ON customer FOR EACH ROW EXECUTE FUNCTION greet()");
  sql("BEGIN; INSERT INTO customer VALUES ('bob'); ROLLBACK");
  sql("INSERT INTO customer VALUES ('ann')");
  EXPECT_EQ(sql("SELECT string_agg(arguments, ' ') FROM job"), "[\"ann\"]");
}

}  // namespace
}  // namespace portfire::postgresql
