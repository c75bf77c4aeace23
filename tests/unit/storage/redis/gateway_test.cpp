#include "storage/redis/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/storage/redis/installation.hpp"

namespace portfire::redis {
namespace {

using ::testing::HasSubstr;

class GatewayTest : public ::testing::Test {
 protected:
  RedisPlace place_;
};

TEST_F(GatewayTest, ACommandIsAnswered) {
  const Door door{place_.url()};
  EXPECT_EQ(door.command({"PING"}).as_text(), "PONG");
}

}  // namespace
}  // namespace portfire::redis
