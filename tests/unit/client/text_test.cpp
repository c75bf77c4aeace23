// Text for people, in bounds.

#include "client/text.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace portfire::text_test {
namespace {

bool is_utf8(const std::string& text) {
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

TEST(Shorten, CutsBetweenCharactersAndSaysSo) {
  EXPECT_EQ(shorten("short", 5), "short");
  EXPECT_EQ(shorten("longer", 5), "lo…");
  EXPECT_EQ(shorten("日本語", 9), "日本語");
  EXPECT_EQ(shorten("日本語", 8), "日…");
  EXPECT_EQ(shorten("日本語", 5), "…");
  EXPECT_EQ(shorten("日本語", 2), "");
  EXPECT_EQ(shorten("", 0), "");
}

TEST(Shorten, IsValidAndWithinTheLimitWhateverTheBytes) {
  for (const std::string& text :
       {std::string{"\xff\xfe\xfd\xfc"}, std::string{"a\xC3"}, std::string(50, '\xff'),
        std::string{"\xE6\x97"}, std::string{"\xF0\x9F\x98\x80\xF0\x9F\x98"}}) {
    for (std::size_t limit = 0; limit < 20; ++limit) {
      const std::string kept = shorten(text, limit);
      EXPECT_LE(kept.size(), limit);
      EXPECT_TRUE(is_utf8(kept));
    }
  }
  EXPECT_EQ(shorten("a\xff", 100), "a\xEF\xBF\xBD");
}

}  // namespace
}  // namespace portfire::text_test
