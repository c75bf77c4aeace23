// Whose a prefix is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/error.hpp>
#include <portfire/redis.hpp>
#include <portfire/testing/builders.hpp>

#include "support/redis_place.hpp"
#include "unit/storage/redis/installation.hpp"

namespace portfire::redis {
namespace {

using ::testing::HasSubstr;

class Layout : public ::testing::Test {
 protected:
  [[nodiscard]] std::string url() const { return place_.url(); }
  [[nodiscard]] std::string tag() const { return "{" + place_.prefix() + "}"; }
  std::string execute(const Command& words) const { return place_.server().execute(words); }

  const RedisPlace place_;
};

TEST_F(Layout, IsBegunByTheFirstToOpenIt) {
  EXPECT_EQ(schema_version(url()), 0);
  open(url());
  EXPECT_EQ(schema_version(url()), schema_version());
  open(url(), {.migrate = false});
}

TEST_F(Layout, IsNotBegunByWhoeverMayNot) {
  EXPECT_THAT(error_of([&] { open(url(), {.migrate = false}); }),
              HasSubstr("there is no installation under this prefix"));
  EXPECT_EQ(schema_version(url()), 0);
  migrate(url());
  open(url(), {.migrate = false});
}

TEST_F(Layout, OfAnotherProgramIsLeftAlone) {
  execute({"SET", tag(), "mine"});
  EXPECT_THAT(error_of([&] { open(url()); }), HasSubstr("belongs to another program"));
  EXPECT_THAT(error_of([&] { remove(url()); }), HasSubstr("belongs to another program"));
  execute({"DEL", tag()});
  execute({"HSET", tag(), "mine", "1"});
  EXPECT_THAT(error_of([&] { open(url()); }), HasSubstr("belongs to another program"));
  EXPECT_EQ(execute({"HGETALL", tag()}), "mine\n1");
}

TEST_F(Layout, OfANewerVersionIsRefused) {
  open(url());
  execute({"HSET", tag(), "layout", "99"});
  EXPECT_THAT(error_of([&] { open(url()); }), HasSubstr("its layout has version 99"));
}

TEST_F(Layout, OfAnOlderVersionIsBroughtUpByWhoeverMay) {
  open(url());
  execute({"HSET", tag(), "layout", "1"});
  EXPECT_EQ(schema_version(url()), 1);
  EXPECT_THAT(error_of([&] { open(url(), {.migrate = false}); }),
              HasSubstr("its layout has version 1"));
  open(url());
  EXPECT_EQ(schema_version(url()), schema_version());
  open(url(), {.migrate = false});
}

TEST_F(Layout, IsRemovedWithAllItsKeysAndNoOthers) {
  const RedisPlace neighbour;
  open(neighbour.url());
  execute({"SET", "portfire-of-somebody", "1"});
  {
    const auto storage = open(url());
    testing::TestIds ids;
    std::vector<Unit> units;
    for (int made = 0; made < 3000; ++made) {
      units.push_back(testing::UnitBuilder{ids.next<UnitId>()}.create(
          testing::JobBuilder{ids.next<JobId>(), "work"}));
    }
    storage->jobs().commit(units);
  }
  remove(url());
  EXPECT_EQ(execute({"KEYS", tag() + "*"}), "");
  EXPECT_EQ(schema_version(url()), 0);
  EXPECT_EQ(schema_version(neighbour.url()), schema_version());
  EXPECT_EQ(execute({"GET", "portfire-of-somebody"}), "1");
  remove(url());  // there is nothing
}

}  // namespace
}  // namespace portfire::redis
