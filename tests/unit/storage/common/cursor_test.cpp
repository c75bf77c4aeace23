#include "storage/common/cursor.hpp"

#include <limits>

#include <gtest/gtest.h>

#include <portfire/error.hpp>

namespace portfire {
namespace {

TEST(Cursor, ComesBackAsItWasWritten) {
  constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
  for (const std::string text : {"", "default", "a:b:", "7"}) {
    std::int64_t first = 0;
    std::int64_t second = 0;
    EXPECT_EQ(read_cursor(write_cursor({lowest, highest}, text), {&first, &second}), text);
    EXPECT_EQ(first, lowest);
    EXPECT_EQ(second, highest);
  }
}

TEST(Cursor, AnythingElseIsRefused) {
  for (const std::string cursor :
       {"", "x", "6", "6:", "6:0", "6:y:", "6: 0:", ":6:0:", "6:99999999999999999999:"}) {
    std::int64_t first = 0;
    std::int64_t second = 0;
    EXPECT_THROW(read_cursor(cursor, {&first, &second}), UsageError) << cursor;
  }
}

}  // namespace
}  // namespace portfire
