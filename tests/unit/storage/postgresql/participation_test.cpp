// Jobs that are created within a transaction of the application's own.

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <portfire/client.hpp>
#include <portfire/error.hpp>
#include <portfire/memory.hpp>
#include <portfire/postgresql.hpp>

#include "support/postgres_place.hpp"

namespace portfire::postgresql {
namespace {

inline constexpr Job<void(int)> work{"work"};

class ParticipationTest : public ::testing::Test {
 protected:
  ~ParticipationTest() override { PQfinish(connection_); }

  void send(const std::string& sql) {
    PGresult* const result = PQexec(connection_, sql.c_str());
    const ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    ASSERT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        << PQerrorMessage(connection_);
  }
  std::uint64_t created() {
    const auto lifetime = storage_->monitoring().statistics().lifetime;
    const auto found = lifetime.find("Created");
    return found == lifetime.end() ? 0 : found->second;
  }

  PostgresPlace place_;
  std::shared_ptr<Storage> storage_ = open(place_.url(), {.schema = place_.schema()});
  PGconn* connection_ = PQconnectdb(place_.url().c_str());
  Client inside_{within(storage_, connection_)};
  Client outside_{storage_};
};

TEST_F(ParticipationTest, WhatIsCommittedIsThere) {
  send("BEGIN");
  const JobId id = inside_.enqueue(work, 7).id;
  EXPECT_FALSE(outside_.find(id).has_value());
  send("COMMIT");
  ASSERT_TRUE(outside_.find(id).has_value());
  EXPECT_EQ(outside_.find(id)->arguments, "[7]");
}

TEST_F(ParticipationTest, WhatIsRolledBackHasNeverBeen) {
  send("BEGIN");
  const JobId id = inside_.enqueue(work, 7).id;
  inside_.schedule(work, std::chrono::hours{1}, 8);
  send("ROLLBACK");
  EXPECT_FALSE(outside_.find(id).has_value());
  EXPECT_EQ(created(), 0U);
}

TEST_F(ParticipationTest, AllKindsOfJobsAndChangesTakePart) {
  const JobId before = outside_.enqueue(work, 1).id;
  send("BEGIN");
  const JobId scheduled = inside_.schedule(work, std::chrono::hours{1}, 2).id;
  const JobId child = inside_.continue_with(work, before, 3).id;
  EXPECT_TRUE(inside_.with({.unique = {"key"}}).enqueue(work, 4).created());
  EXPECT_FALSE(inside_.with({.unique = {"key"}}).enqueue(work, 5).created());
  EXPECT_TRUE(inside_.delete_job(before));
  EXPECT_EQ(outside_.find(before)->state, "Enqueued");
  send("COMMIT");
  EXPECT_EQ(outside_.find(before)->state, "Deleted");
  EXPECT_EQ(outside_.find(scheduled)->state, "Scheduled");
  EXPECT_EQ(outside_.find(child)->state, "Deleted");
  EXPECT_EQ(created(), 4U);
}

TEST_F(ParticipationTest, WithoutATransactionItIsRefused) {
  EXPECT_THROW(inside_.enqueue(work, 7), UsageError);
  EXPECT_EQ(created(), 0U);
}

TEST_F(ParticipationTest, InAFailedTransactionItIsRefused) {
  send("BEGIN");
  PQclear(PQexec(connection_, "SELECT 1 / 0"));
  EXPECT_THROW(inside_.enqueue(work, 7), UsageError);
}

TEST_F(ParticipationTest, OnlyStoragesOfThisDriverTakePart) {
  EXPECT_THROW(within(memory::open(), connection_), UsageError);
  EXPECT_THROW(within(storage_, nullptr), UsageError);
}

}  // namespace
}  // namespace portfire::postgresql
