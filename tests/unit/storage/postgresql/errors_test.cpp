// What SQLSTATEs and refusals mean.

#include "storage/postgresql/errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portfire::postgresql {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* place = "postgresql://host/database?schema=portfire";

DatabaseError meaning_of(const std::string& sqlstate) {
  try {
    throw_database_error(place, "commit", sqlstate, "the engine's words\n");
  } catch (const DatabaseError& error) {
    return error;
  }
}

DatabaseError refusal_in(const std::string& words) {
  try {
    throw_no_connection(place, "open", words);
  } catch (const DatabaseError& error) {
    return error;
  }
}

TEST(PostgresqlErrors, NamePlaceOperationMeaningAndTheEnginesWordsInOneLine) {
  const DatabaseError error = meaning_of("53100");
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr(place), HasSubstr(": commit: "), HasSubstr("disk"),
                    HasSubstr("the engine's words, SQLSTATE 53100"), Not(HasSubstr("\n"))));
  EXPECT_EQ(error.operation(), "commit");
  EXPECT_EQ(error.sqlstate(), "53100");
}

TEST(PostgresqlErrors, CollisionsAreRepeated) {
  for (const char* sqlstate : {"40001", "40P01", "55P03", "23505"}) {
    EXPECT_EQ(meaning_of(sqlstate).cure(), Cure::repeat) << sqlstate;
    EXPECT_TRUE(meaning_of(sqlstate).retryable()) << sqlstate;
    EXPECT_FALSE(meaning_of(sqlstate).connection_lost()) << sqlstate;
  }
}

TEST(PostgresqlErrors, ShortageIsForLater) {
  for (const char* sqlstate : {"53100", "53200", "53300", "53400", "57014"}) {
    EXPECT_EQ(meaning_of(sqlstate).cure(), Cure::wait) << sqlstate;
    EXPECT_TRUE(meaning_of(sqlstate).retryable()) << sqlstate;
  }
}

TEST(PostgresqlErrors, AServerThatGoesAwayLeavesTheOutcomeUnknown) {
  for (const char* sqlstate : {"08006", "57P01", "57P02", "57P03", "25006"}) {
    EXPECT_EQ(meaning_of(sqlstate).cure(), Cure::reconnect) << sqlstate;
    EXPECT_TRUE(meaning_of(sqlstate).connection_lost()) << sqlstate;
  }
}

TEST(PostgresqlErrors, WhatSomebodyMustChangeIsNotTriedAgain) {
  for (const char* sqlstate : {"42501", "28P01", "3D000", "42883", "XX001", "99999", ""}) {
    EXPECT_EQ(meaning_of(sqlstate).cure(), Cure::none) << sqlstate;
    EXPECT_FALSE(meaning_of(sqlstate).retryable()) << sqlstate;
  }
  EXPECT_THAT(meaning_of("42501").what(), HasSubstr("grant it"));
}

TEST(PostgresqlErrors, PoolersThatLosePreparedStatementsAreNamed) {
  EXPECT_THAT(meaning_of("26000").what(), HasSubstr("prepared_statements=off"));
}

TEST(PostgresqlErrors, WhatTheFunctionsRefuseIsTheCallersMistake) {
  EXPECT_THROW(throw_database_error(place, "commit", "PF001", "no such rule"), UsageError);
}

TEST(PostgresqlErrors, ASqlstateFitsIntoANumberAsPostgresqlPacksIt) {
  EXPECT_EQ(native_code("40001"), 16'777'220);
  EXPECT_EQ(native_code("23505"), 83'906'754);
  EXPECT_EQ(native_code(""), 0);
  EXPECT_EQ(meaning_of("40001").native_code(), 16'777'220);
}

TEST(PostgresqlErrors, ARefusedConnectionSaysWhy) {
  EXPECT_FALSE(refusal_in("FATAL:  password authentication failed for user \"x\"").retryable());
  EXPECT_FALSE(refusal_in("FATAL:  database \"x\" does not exist").retryable());
  EXPECT_TRUE(refusal_in("FATAL:  sorry, too many clients already").retryable());
  EXPECT_THAT(refusal_in("FATAL:  sorry, too many clients already").what(),
              HasSubstr("max_connections"));
}

TEST(PostgresqlErrors, AServerThatCannotBeReachedHasDoneNothing) {
  const DatabaseError error = refusal_in("connection to server failed: Connection refused");
  EXPECT_TRUE(error.retryable());
  EXPECT_FALSE(error.connection_lost());
  EXPECT_EQ(error.cure(), Cure::reconnect);
  EXPECT_THAT(error.what(), HasSubstr("cannot be reached"));
}

}  // namespace
}  // namespace portfire::postgresql
