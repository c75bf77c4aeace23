#include "storage/redis/reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "storage/redis/protocol.hpp"
#include "unit/storage/redis/installation.hpp"

namespace portfire::redis {
namespace {

using ::testing::HasSubstr;

TEST(RedisReplyTest, ATextMayBeANumber) {
  EXPECT_EQ(Reply::text("-17").as_integer(), -17);
  EXPECT_EQ(Reply::integer(17).as_integer(), 17);
}

TEST(RedisReplyTest, WhatDoesNotFitIsNamed) {
  EXPECT_THAT(error_of([] { (void)Reply::text("17x").as_integer(); }), HasSubstr("the text '17x'"));
  EXPECT_THAT(error_of([] { (void)Reply::integer(3).as_text(); }), HasSubstr("the number 3"));
  EXPECT_THAT(error_of([] { (void)Reply{}.as_array(); }), HasSubstr("nothing"));
  EXPECT_THAT(error_of([] { (void)Reply::error("OOM x").as_array(); }), HasSubstr("'OOM x'"));
  EXPECT_THAT(error_of([] { (void)Reply::array({Reply{}, Reply{}}).message(); }),
              HasSubstr("an array of 2"));
}

TEST(RedisProtocolTest, ACommandIsCountedBytes) {
  std::string bytes;
  const std::string_view words[] = {"SET", std::string_view{"a\0\r\nb", 5}, ""};
  append_command(bytes, words);
  EXPECT_EQ(bytes, std::string{"*3\r\n$3\r\nSET\r\n$5\r\na"} + '\0' + "\r\nb\r\n$0\r\n\r\n");
}

constexpr std::string_view nested =
    "*5\r\n:7\r\n$-1\r\n*2\r\n+OK\r\n$2\r\n\r\n\r\n*0\r\n-ERR no\r\n";

void expect_nested(const Reply& reply) {
  const auto& items = reply.as_array();
  ASSERT_EQ(items.size(), 5U);
  EXPECT_EQ(items[0].as_integer(), 7);
  EXPECT_TRUE(items[1].is_nil());
  EXPECT_EQ(items[2].as_array()[0].as_text(), "OK");
  EXPECT_EQ(items[2].as_array()[1].as_text(), "\r\n");
  EXPECT_TRUE(items[3].as_array().empty());
  EXPECT_EQ(items[4].message(), "ERR no");
}

TEST(RedisProtocolTest, RepliesArePutTogetherFromAnyPieces) {
  for (std::size_t cut = 0; cut < nested.size(); ++cut) {
    ReplyReader reader;
    reader.feed(nested.substr(0, cut));
    EXPECT_FALSE(reader.next()) << cut;
    reader.feed(nested.substr(cut));
    const auto reply = reader.next();
    ASSERT_TRUE(reply) << cut;
    expect_nested(*reply);
    EXPECT_FALSE(reader.next());
  }
}

TEST(RedisProtocolTest, SeveralRepliesComeInOrder) {
  ReplyReader reader;
  reader.feed(":1\r\n:2\r\n:3");
  EXPECT_EQ(reader.next()->as_integer(), 1);
  EXPECT_EQ(reader.next()->as_integer(), 2);
  EXPECT_FALSE(reader.next());
}

TEST(RedisProtocolTest, OtherServersAreToldApart) {
  ReplyReader reader;
  reader.feed("HTTP/1.1 400 Bad Request\r\n");
  EXPECT_THROW(reader.next(), StreamError);
}

}  // namespace
}  // namespace portfire::redis
