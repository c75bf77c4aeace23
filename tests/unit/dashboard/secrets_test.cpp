#include "dashboard/security/secrets.hpp"

#include <gtest/gtest.h>

#include <portfire/dashboard_access.hpp>

namespace portfire::dashboard {
namespace {

TEST(Secrets, ScryptGivesWhatItsSpecificationSays) {
  // RFC 7914, section 12, the second of its examples.
  const PasswordHash hash{
      .cost = 1024,
      .block_size = 8,
      .parallel = 16,
      .salt = "NaCl",
      .key = *from_hex("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                       "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")};
  EXPECT_TRUE(hash.matches("password"));
  EXPECT_FALSE(hash.matches("Password"));
}

TEST(Secrets, APasswordIsRecognisedByItsHashAlone) {
  const std::string text = hash_password("correct horse");
  EXPECT_NE(text, hash_password("correct horse")) << "each has a salt of its own";
  const auto hash = PasswordHash::parse(text);
  ASSERT_TRUE(hash);
  EXPECT_EQ(hash->to_text(), text);
  EXPECT_TRUE(hash->matches("correct horse"));
  EXPECT_FALSE(hash->matches("correct house"));
  EXPECT_FALSE(hash->matches(""));
}

class NoHash : public ::testing::TestWithParam<const char*> {};

TEST_P(NoHash, IsRefused) { EXPECT_FALSE(PasswordHash::parse(GetParam())); }

INSTANTIATE_TEST_SUITE_P(
    Texts, NoHash,
    ::testing::Values(
        "", "secret", "scrypt$16384$8$1$00",
        "bcrypt$16384$8$1$00$0000000000000000000000000000000000000000000000000000000000000000",
        "scrypt$16383$8$1$00$0000000000000000000000000000000000000000000000000000000000000000",
        "scrypt$16384$0$1$00$0000000000000000000000000000000000000000000000000000000000000000",
        "scrypt$1073741824$8$1$00$0000000000000000000000000000000000000000000000000000000000000000",
        "scrypt$16384$8$1$00$00", "scrypt$16384$8$1$0$00zz"));

TEST(Secrets, Base64IsReadAsItsSpecificationSays) {
  // RFC 4648, section 10.
  EXPECT_EQ(from_base64(""), "");
  EXPECT_EQ(from_base64("Zg=="), "f");
  EXPECT_EQ(from_base64("Zm8="), "fo");
  EXPECT_EQ(from_base64("Zm9v"), "foo");
  EXPECT_EQ(from_base64("Zm9vYmFy"), "foobar");
  EXPECT_FALSE(from_base64("Zm9vYg"));
  EXPECT_FALSE(from_base64("Zm9vY"));
  EXPECT_FALSE(from_base64("Zm9v!mFy"));
  EXPECT_FALSE(from_base64("Z==="));
}

TEST(Secrets, HexIsReadBack) {
  EXPECT_EQ(from_hex(to_hex(std::string{"\x00\xFF\x10", 3})), (std::string{"\x00\xFF\x10", 3}));
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
}

TEST(Secrets, ComparesByContent) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace portfire::dashboard
