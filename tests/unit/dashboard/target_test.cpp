#include "dashboard/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dashboard/refusal.hpp"

namespace portfire::dashboard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Target, IsReadInItsDecodedParts) {
  const auto target = read_target("/ops/jobs/a%2Fb/c%20d?state=Failed&text=x+y%2B&empty", "/ops");
  ASSERT_TRUE(target);
  EXPECT_THAT(target->path, ElementsAre("jobs", "a/b", "c d"));
  EXPECT_EQ(target->query.text("state"), "Failed");
  EXPECT_EQ(target->query.text("text"), "x y+");
  EXPECT_EQ(target->query.text("empty"), "");
}

TEST(Target, OutsideThePrefixIsNotOurs) {
  EXPECT_FALSE(read_target("/elsewhere", "/ops"));
  EXPECT_FALSE(read_target("/opsx/jobs", "/ops"));
  EXPECT_TRUE(read_target("/ops", "/ops"));
  EXPECT_TRUE(read_target("/ops?x=1", "/ops"));
  EXPECT_TRUE(read_target("/", ""));
}

class MalformedTarget : public ::testing::TestWithParam<const char*> {};

TEST_P(MalformedTarget, IsRefused) { EXPECT_THROW((void)read_target(GetParam(), ""), Refusal); }

INSTANTIATE_TEST_SUITE_P(Targets, MalformedTarget,
                         ::testing::Values("/%", "/a%4", "/a%zz", "/%00", "/x?a=%", "/x?%g0=1"));

TEST(TargetQuery, RefusesUnknownAndRepeatedNames) {
  Query query;
  query.add("state", "Failed");
  query.add("stat", "x");
  try {
    query.check_names({"state", "queue"});
    FAIL();
  } catch (const Refusal& refusal) {
    EXPECT_EQ(refusal.status(), 400);
    EXPECT_THAT(refusal.detail(), HasSubstr("stat is \"x\": known ones are state, queue"));
  }
  Query twice;
  twice.add("state", "a");
  twice.add("state", "b");
  EXPECT_THROW(twice.check_names({"state"}), Refusal);
}

TEST(TargetQuery, ReadsNumbersInTheirRange) {
  Query query;
  query.add("limit", "50");
  query.add("much", "99999999999999999999999");
  query.add("word", "ten");
  query.add("negative", "-1");
  EXPECT_EQ(query.number("limit", 20, 1, 1000), 50U);
  EXPECT_EQ(query.number("absent", 20, 1, 1000), 20U);
  for (const char* name : {"much", "word", "negative"}) {
    EXPECT_THROW((void)query.number(name, 20, 1, 1000), Refusal) << name;
  }
  EXPECT_THROW((void)query.number("limit", 20, 1, 49), Refusal);
}

TEST(TargetQuery, ReadsInstantsSpansAndIds) {
  Query query;
  query.add("at", "2026-11-21T09:00:00Z");
  query.add("span", "1500");
  query.add("id", "01930f3c-8e4b-7c21-9a55-0123456789ab");
  query.add("bad", "yesterday");
  EXPECT_EQ(query.instant("at"), parse_time("2026-11-21T09:00:00Z"));
  EXPECT_EQ(query.microseconds("span"), Duration{1500});
  EXPECT_EQ(to_string(*query.id<JobId>("id")), "01930f3c-8e4b-7c21-9a55-0123456789ab");
  EXPECT_THROW((void)query.instant("bad"), Refusal);
  EXPECT_THROW((void)query.id<JobId>("bad"), Refusal);
  EXPECT_FALSE(query.instant("absent"));
}

}  // namespace
}  // namespace portfire::dashboard
