// The table of all drivers: what their URLs mean and which are refused.

#include <portfire/error.hpp>
#include <portfire/open.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portfire {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string open_error(const std::string& url) {
  try {
    open(url, all_drivers());
  } catch (const UsageError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(MemoryUrl, OpensAnEmptyStorage) {
  const auto storage = open("memory:", all_drivers());
  EXPECT_FALSE(storage->capabilities().durable);
  EXPECT_TRUE(storage->monitoring().statistics().live.empty());
}

TEST(MemoryUrl, HasNeitherPlaceNorOptions) {
  EXPECT_THAT(open_error("memory:here"), HasSubstr("\"here\" must go"));
  EXPECT_THAT(open_error("memory:?size=3"),
              AllOf(HasSubstr("unknown option \"size\""), HasSubstr("have no options")));
}

TEST(AllDrivers, GiveExamplesThatTheirOwnParserTakes) {
  for (const Driver& driver : all_drivers()) {
    EXPECT_EQ(parse_storage_url(driver.example).scheme, driver.scheme);
  }
}

TEST(AllDrivers, AreListedForAnUnknownScheme) {
  EXPECT_THAT(open_error("mongodb:x"), AllOf(HasSubstr("\"mongodb\""), HasSubstr("memory")));
}

}  // namespace
}  // namespace portfire
