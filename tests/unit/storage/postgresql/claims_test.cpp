// Which claims are over, by what this process knows.

#include "storage/postgresql/claims.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/testing/builders.hpp>

namespace portfire::postgresql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PostgresqlClaims : public ::testing::Test {
 protected:
  // A claim of `count` jobs, answered under a number.
  std::vector<Execution> claim(std::int64_t number, std::size_t count) {
    std::vector<Execution> executions(count);
    for (Execution& execution : executions) {
      execution.ref = {.job = ids_.next<JobId>(), .epoch = 1, .locator = number};
    }
    claims_.answered({.server = server_, .token = ++token_}, executions);
    return executions;
  }

  testing::TestIds ids_;
  const ServerId server_ = ids_.next<ServerId>();
  std::uint64_t token_ = 0;
  Claims claims_;
};

TEST_F(PostgresqlClaims, AClaimIsOverWithItsLastExecution) {
  const auto first = claim(1, 2);
  claim(2, 1);
  claims_.ended(first[0].ref);
  EXPECT_THAT(claims_.take_ended(), IsEmpty());
  claims_.ended(first[1].ref);
  EXPECT_THAT(claims_.take_ended(), ElementsAre(1));
  EXPECT_THAT(claims_.take_ended(), IsEmpty());
}

TEST_F(PostgresqlClaims, AnExecutionEndsOnce) {
  const auto first = claim(1, 2);
  claim(2, 1);
  claims_.ended(first[0].ref);
  claims_.ended(first[0].ref);
  EXPECT_THAT(claims_.take_ended(), IsEmpty());
}

TEST_F(PostgresqlClaims, AnotherEpochIsAnotherExecution) {
  const auto first = claim(1, 1);
  claim(2, 1);
  claims_.ended({first[0].ref.job, 2, 1});
  EXPECT_THAT(claims_.take_ended(), IsEmpty());
}

TEST_F(PostgresqlClaims, TheLatestClaimStaysForItsToken) {
  const auto first = claim(1, 1);
  claims_.ended(first[0].ref);
  EXPECT_THAT(claims_.take_ended(), IsEmpty());
  claim(2, 1);
  EXPECT_THAT(claims_.take_ended(), ElementsAre(1));
}

TEST_F(PostgresqlClaims, WhatCouldNotBeRemovedIsOfferedAgain) {
  claims_.put_back({7, 8});
  EXPECT_THAT(claims_.take_ended(), ElementsAre(7, 8));
}

TEST_F(PostgresqlClaims, TokensThatTookNothingAreKnownUntilTheServerBeginsAnew) {
  EXPECT_FALSE(claims_.took_nothing({.server = server_, .token = 1}));
  claim(0, 0);
  claim(0, 0);
  EXPECT_TRUE(claims_.took_nothing({.server = server_, .token = 1}));
  EXPECT_TRUE(claims_.took_nothing({.server = server_, .token = 2}));
  EXPECT_FALSE(claims_.took_nothing({.server = server_, .token = 3}));
  EXPECT_FALSE(claims_.took_nothing({.server = ids_.next<ServerId>(), .token = 1}));
  claims_.forget(server_);
  EXPECT_FALSE(claims_.took_nothing({.server = server_, .token = 1}));
  EXPECT_TRUE(claims_.took_nothing({.server = server_, .token = 0}));
}

TEST_F(PostgresqlClaims, AnAttemptWithoutAnAnswerIsRememberedUntilOneComes) {
  EXPECT_FALSE(claims_.asks(server_));
  EXPECT_TRUE(claims_.asks(server_));
  EXPECT_FALSE(claims_.asks(ids_.next<ServerId>()));
  claim(0, 0);
  EXPECT_FALSE(claims_.asks(server_));
}

}  // namespace
}  // namespace portfire::postgresql
