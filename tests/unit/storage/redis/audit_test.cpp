// The audit log where it is full, and what of INFO is reported.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/redis.hpp>

#include "support/redis_place.hpp"

namespace portfire::redis {
namespace {

class AuditKey : public ::testing::Test {
 protected:
  [[nodiscard]] std::string tag() const { return "{" + place_.prefix() + "}"; }
  std::string execute(const Command& words) const { return place_.server().execute(words); }

  const RedisPlace place_;
  const std::shared_ptr<Storage> storage_ = open(place_.url());
};

TEST_F(AuditKey, LosesTheEntryThatIsOneTooMany) {
  Coordination& coordination = storage_->coordination();
  EXPECT_EQ(coordination.record({.actor = "first"}), 1U);
  EXPECT_EQ(coordination.record({.actor = "second"}), 2U);
  execute({"HSET", tag(), "audited", std::to_string(audit_entries_kept)});
  EXPECT_EQ(coordination.record({.actor = "ann"}), audit_entries_kept + 1);
  EXPECT_EQ(execute({"HLEN", tag() + ":audit"}), "2");
  EXPECT_EQ(execute({"HEXISTS", tag() + ":audit", "1"}), "0");
  EXPECT_EQ(execute({"HEXISTS", tag() + ":audit", "2"}), "1");
}

TEST_F(AuditKey, TheServersMemoryIsReported) {
  const StorageReport report = storage_->monitoring().report();
  EXPECT_THAT(report.engine, ::testing::MatchesRegex("Redis [0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_EQ(report.parts.size(), 3U);
}

}  // namespace
}  // namespace portfire::redis
