// What people read about a job.

#include <portfire/display.hpp>

#include <gtest/gtest.h>

namespace portfire {
namespace {

JobSummary summary(std::string arguments, std::map<std::string, std::string> parameters) {
  JobSummary one;
  one.name = "mail.send";
  one.arguments = std::move(arguments);
  one.parameters = std::move(parameters);
  return one;
}

std::string shown(const std::string& pattern, const std::string& arguments) {
  return display_name(summary(arguments, {{"portfire.display_name", pattern}}));
}

TEST(Display, WithoutADisplayNameTheNameIsShown) {
  EXPECT_EQ(display_name(summary("[]", {})), "mail.send");
  EXPECT_EQ(shown("7", "[]"), "mail.send");
  EXPECT_EQ(shown("not JSON", "[]"), "mail.send");
}

TEST(Display, ArgumentsStandInTheirPlaces) {
  EXPECT_EQ(shown(R"("Mail {1} to {0}")", R"(["ann@example.com", 7])"),
            "Mail 7 to ann@example.com");
  EXPECT_EQ(shown(R"("{0}{0}")", R"([{"a":[1,2]}])"), R"({"a":[1,2]}{"a":[1,2]})");
  EXPECT_EQ(shown(R"("{10}")", "[0,1,2,3,4,5,6,7,8,9,\"ten\"]"), "ten");
}

TEST(Display, WhatIsNoPlaceholderIsLeftAsItIs) {
  EXPECT_EQ(shown(R"("{} {x} {0 {9} { }{")", "[1]"), "{} {x} {0 {9} { }{");
  EXPECT_EQ(shown(R"("{99999999999999999999}")", "[1]"), "{99999999999999999999}");
  EXPECT_EQ(shown(R"("{0}")", "no array"), "{0}");
}

TEST(Display, LongArgumentsAreCut) {
  const std::string text = shown(R"("{0}!")", '"' + std::string(1000, 'x') + "\"]");
  EXPECT_EQ(text, "{0}!") << "not JSON";
  const std::string cut = shown(R"("{0}!")", "[\"" + std::string(1000, 'x') + "\"]");
  EXPECT_EQ(cut.size(), 101U);
  EXPECT_TRUE(cut.ends_with("…!"));
}

TEST(Display, ABatchTakesAsLongAsThePaceOfItsMembersSays) {
  using namespace std::chrono_literals;
  JobDetails batch;
  batch.kind = StateKind::waiting;
  batch.created_at = TimePoint{100s};
  const TimePoint now{130s};
  EXPECT_EQ(time_left(batch, now), std::nullopt) << "no batch";
  batch.members = {.total = 8, .outstanding = 8};
  EXPECT_EQ(time_left(batch, now), std::nullopt) << "nobody knows yet";
  batch.members = {.total = 8, .outstanding = 6};
  EXPECT_EQ(time_left(batch, now), Duration{90s});
  batch.members = {.total = 8, .outstanding = 0};
  EXPECT_EQ(time_left(batch, now), std::nullopt);
}

TEST(Display, TagsAreRead) {
  EXPECT_EQ(tags(summary("[]", {{"portfire.tags", R"(["a","b c",7])"}})),
            (std::vector<std::string>{"a", "b c"}));
  EXPECT_TRUE(tags(summary("[]", {})).empty());
  EXPECT_TRUE(tags(summary("[]", {{"portfire.tags", "{"}})).empty());
  EXPECT_TRUE(tags(summary("[]", {{"portfire.tags", "\"a\""}})).empty());
}

}  // namespace
}  // namespace portfire
