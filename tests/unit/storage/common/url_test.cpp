// URLs of storages: how they are taken apart, and how every mistake is answered.

#include <portfire/error.hpp>
#include <portfire/memory.hpp>
#include <portfire/open.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portfire {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

using Options = std::vector<std::pair<std::string, std::string>>;

template <class Call>
std::string usage_error_of(Call call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

std::string parse_error(const std::string& url) {
  return usage_error_of([&] { parse_storage_url(url); });
}

const Drivers two_drivers = {
    {.scheme = "left",
     .example = "left:place",
     .open = [](const StorageUrl&, SchemaPolicy) { return memory::open(); }},
    {.scheme = "right",
     .example = "right:place?speed=7",
     .open = [](const StorageUrl& url, SchemaPolicy) {
       static const std::string example = "right:place?speed=7";
       UrlOptions options{url, example};
       options.choice("mood", {"calm", "keen"});
       options.number("speed", 3, 1, 9);
       options.span("pause", std::chrono::seconds{1}, std::chrono::seconds{1},
                    std::chrono::hours{1});
       options.finish();
       return memory::open();
     }}};

std::string open_error(const std::string& url) {
  return usage_error_of([&] { open(url, two_drivers); });
}

TEST(StorageUrl, IsTakenApart) {
  const StorageUrl url = parse_storage_url("sqlite:/var/lib/app/jobs.db?durability=normal&a=b=c");
  EXPECT_EQ(url.text, "sqlite:/var/lib/app/jobs.db?durability=normal&a=b=c");
  EXPECT_EQ(url.scheme, "sqlite");
  EXPECT_EQ(url.rest, "/var/lib/app/jobs.db");
  EXPECT_EQ(url.options, (Options{{"durability", "normal"}, {"a", "b=c"}}));
}

TEST(StorageUrl, MayHaveNothingBehindTheColon) {
  const StorageUrl url = parse_storage_url("memory:");
  EXPECT_EQ(url.scheme, "memory");
  EXPECT_EQ(url.rest, "");
  EXPECT_TRUE(url.options.empty());
}

TEST(StorageUrl, KeepsFurtherColonsAndSlashes) {
  EXPECT_EQ(parse_storage_url("sqlite:///a:b/c.db").rest, "///a:b/c.db");
}

TEST(StorageUrl, DecodesPercentSigns) {
  EXPECT_EQ(parse_storage_url("sqlite:a%20b%3Fc%3fd%25.db").rest, "a b?c?d%.db");
  EXPECT_EQ(parse_storage_url("x:y?name=1%262").options, (Options{{"name", "1&2"}}));
}

TEST(StorageUrl, WithoutASchemeIsRefused) {
  for (const std::string url : {"jobs.db", ":jobs.db", "Sqlite:jobs.db", "1s:jobs.db", "a b:c"}) {
    EXPECT_THAT(parse_error(url), AllOf(HasSubstr("\"" + url + "\""), HasSubstr("scheme"),
                                        HasSubstr("sqlite:jobs.db")));
  }
  EXPECT_THAT(parse_error(""), HasSubstr("empty"));
}

TEST(StorageUrl, WithABrokenPercentSignIsRefused) {
  EXPECT_THAT(parse_error("sqlite:100%.db"), HasSubstr("\"%.d\" is not a percent sign"));
  EXPECT_THAT(parse_error("sqlite:100%4"), HasSubstr("\"%4\" is not a percent sign"));
  EXPECT_THAT(parse_error("sqlite:a%00b"), HasSubstr("zero byte"));
}

TEST(StorageUrl, WithABrokenOptionIsRefused) {
  EXPECT_THAT(parse_error("sqlite:a?fast"), HasSubstr("option \"fast\" is not of the form"));
  EXPECT_THAT(parse_error("sqlite:a?=1"), HasSubstr("option \"=1\" is not of the form"));
  EXPECT_THAT(parse_error("sqlite:a?"), HasSubstr("option \"\" is not of the form"));
  EXPECT_THAT(parse_error("sqlite:a?b=1&b=2"), HasSubstr("option \"b\" is given twice"));
}

TEST(StorageUrl, ShowsNoPasswordAlsoWhereItIsRefused) {
  const std::string error =
      parse_error("postgresql://user:first@host/db?password=second&password=third");
  EXPECT_THAT(error, HasSubstr("\"password\" is given twice"));
  for (const char* secret : {"first", "second", "third"}) {
    EXPECT_THAT(error, Not(HasSubstr(secret)));
  }
}

TEST(Drivers, AreFoundByScheme) {
  EXPECT_EQ(driver_for(parse_storage_url("right:x"), two_drivers).example, "right:place?speed=7");
  EXPECT_NE(open("left:x", two_drivers), nullptr);
}

TEST(Drivers, AreListedWhenTheSchemeIsUnknown) {
  EXPECT_THAT(open_error("up:x"),
              AllOf(HasSubstr("\"up:x\""), HasSubstr("scheme \"up\""), HasSubstr("left, right"),
                    HasSubstr("left:place or right:place?speed=7")));
}

TEST(UrlOptions, AreReadByName) {
  static const std::string example = "x:y";
  const StorageUrl url = parse_storage_url("x:y?speed=7&mood=keen&pause=1m30s");
  UrlOptions options{url, example};
  EXPECT_EQ(options.choice("mood", {"calm", "keen"}), 1U);
  EXPECT_EQ(options.number("speed", 3, 1, 9), 7);
  EXPECT_EQ(options.number("absent", 3, 1, 9), 3);
  EXPECT_EQ(options.choice("missing", {"first", "second"}), 0U);
  using namespace std::chrono_literals;
  EXPECT_EQ(options.span("pause", 1s, 1s, 1h), 90s);
  EXPECT_EQ(options.span("never", 1s, 1s, 1h), 1s);
  EXPECT_NO_THROW(options.finish());
}

TEST(UrlOptions, RefuseWrongValues) {
  EXPECT_THAT(open_error("right:x?mood=sad"),
              AllOf(HasSubstr("option mood is \"sad\""), HasSubstr("calm, keen"),
                    HasSubstr("right:place?speed=7")));
  for (const std::string value : {"0", "10", "7x", "", "99999999999"}) {
    EXPECT_THAT(open_error("right:x?speed=" + value),
                AllOf(HasSubstr("option speed is \"" + value + "\""), HasSubstr("from 1 to 9")));
  }
  for (const std::string value : {"999ms", "2h", "5", ""}) {
    EXPECT_THAT(open_error("right:x?pause=" + value),
                AllOf(HasSubstr("option pause is \"" + value + "\""), HasSubstr("from 1s to 1h")));
  }
}

TEST(UrlOptions, RefuseWhatNobodyAskedFor) {
  EXPECT_THAT(open_error("right:x?sped=7"),
              AllOf(HasSubstr("unknown option \"sped\""), HasSubstr("mood=calm|keen"),
                    HasSubstr("speed=1…9")));
}

}  // namespace
}  // namespace portfire
