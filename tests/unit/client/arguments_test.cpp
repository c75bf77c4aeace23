#include <portfire/arguments.hpp>

#include <cstdint>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

enum class Colour : unsigned char { red, green, blue };

enum class Level { low, high };
NLOHMANN_JSON_SERIALIZE_ENUM(Level, {{Level::low, "low"}, {Level::high, "high"}})

struct Point {
  int x = 0;
  int y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};
void to_json(nlohmann::json& json, const Point& point) { json = {{"x", point.x}, {"y", point.y}}; }
void from_json(const nlohmann::json& json, Point& point) {
  json.at("x").get_to(point.x);
  json.at("y").get_to(point.y);
}

}  // namespace

namespace portfire {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

template <class T>
T back(const T& value) {
  return decode_value<T>(encode_value(value));
}

// The message of the error, or "accepted".
template <class T>
std::string refusal(std::string_view text) {
  try {
    decode_value<T>(text);
  } catch (const DecodeError& error) {
    return error.what();
  }
  return "accepted";
}

template <class... Parameters>
std::string call_refusal(std::string_view text) {
  try {
    detail::decode_call(detail::TypeList<Parameters...>{}, text);
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Arguments, EveryKindOfValueComesBackAsItWas) {
  EXPECT_EQ(back(true), true);
  EXPECT_EQ(back('x'), 'x');
  EXPECT_EQ(back(std::numeric_limits<std::int64_t>::min()),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(back(std::numeric_limits<std::uint64_t>::max()),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(back(0.1), 0.1);
  EXPECT_EQ(back(0.1F), 0.1F);
  EXPECT_EQ(back(std::string{"Zoë \"quoted\" \n \x01 日本"}), "Zoë \"quoted\" \n \x01 日本");
  EXPECT_EQ(back(std::optional<int>{}), std::nullopt);
  EXPECT_EQ(back(std::optional<int>{7}), 7);
  EXPECT_EQ(back(Colour::blue), Colour::blue);
  EXPECT_EQ(back(Level::high), Level::high);
  EXPECT_EQ(back(Point{3, -4}), (Point{3, -4}));
  EXPECT_EQ(back(nlohmann::json{{"any", {1, "two", nullptr}}}),
            (nlohmann::json{{"any", {1, "two", nullptr}}}));
}

TEST(Arguments, ContainersComeBackWithWhatTheyHold) {
  EXPECT_EQ(back(std::vector<bool>{true, false}), (std::vector<bool>{true, false}));
  EXPECT_EQ(back(std::list<Point>{{1, 2}}), (std::list<Point>{{1, 2}}));
  EXPECT_EQ(back(std::set<std::string>{"a", "b"}), (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(back(std::array<int, 3>{1, 2, 3}), (std::array<int, 3>{1, 2, 3}));
  EXPECT_EQ(back(std::pair{1, std::string{"a"}}), (std::pair{1, std::string{"a"}}));
  EXPECT_EQ(back(std::tuple{1, 2.5, true}), (std::tuple{1, 2.5, true}));
  EXPECT_EQ(back(std::tuple<>{}), std::tuple<>{});
  EXPECT_EQ(back(std::map<std::string, std::vector<int>>{{"a", {1}}}),
            (std::map<std::string, std::vector<int>>{{"a", {1}}}));
  EXPECT_EQ(back(std::map<int, int>{{1, 2}}), (std::map<int, int>{{1, 2}}));
  EXPECT_EQ(back(std::vector<std::chrono::seconds>{5s}), (std::vector<std::chrono::seconds>{5s}));
}

TEST(Arguments, TheWrittenFormIsTheDocumentedOne) {
  EXPECT_EQ(encode_value(true), "true");
  EXPECT_EQ(encode_value(Colour::blue), "2");
  EXPECT_EQ(encode_value(Level::high), "\"high\"");
  EXPECT_EQ(encode_value(90min), "\"1h30m\"");
  EXPECT_EQ(encode_value(-1500ms), "\"-1s500ms\"");
  EXPECT_EQ(encode_value(1001ns), "\"1us1ns\"");
  EXPECT_EQ(encode_value(std::chrono::hours{0}), "\"0s\"");
  EXPECT_EQ(encode_value(std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}),
            "\"2026-11-21T00:00:00.000000Z\"");
  EXPECT_EQ(encode_value(std::pair{1, std::string{"a"}}), R"([1,"a"])");
  EXPECT_EQ(encode_value(std::map<std::string, int>{{"a", 1}}), R"({"a":1})");
  EXPECT_EQ(encode_value(std::optional<int>{}), "null");
}

TEST(Arguments, InstantsKeepTheirNanoseconds) {
  const std::chrono::sys_time<std::chrono::nanoseconds> instant{1'763'715'600'123'456'789ns};
  EXPECT_EQ(encode_value(instant), "\"2025-11-21T09:00:00.123456789Z\"");
  EXPECT_EQ(back(instant), instant);
  const std::chrono::sys_time<std::chrono::nanoseconds> before_1970{-1ns};
  EXPECT_EQ(back(before_1970), before_1970);
  using Instant = std::chrono::sys_time<std::chrono::nanoseconds>;
  EXPECT_EQ(decode_value<Instant>("\"2025-11-21T10:00:00.5+01:00\""),
            (Instant{1'763'715'600'500'000'000ns}));
}

TEST(Arguments, SpansAreReadInWholeUnitsOnly) {
  EXPECT_EQ(decode_value<std::chrono::seconds>("\"1h0m5s\""), 3605s);
  EXPECT_EQ(decode_value<std::chrono::hours>("\"-1d\""), -24h);
  EXPECT_THAT(refusal<std::chrono::seconds>("\"1500ms\""), HasSubstr("whole units"));
  for (const char* text : {"\"\"", "\"5\"", "\"s\"", "\"5x\"", "\"1h-5m\"", "\"--5s\"", "5", "null",
                           "\"5 s\"", "\"99999999999999999999s\"", "\"300000d\""}) {
    EXPECT_THAT(refusal<std::chrono::nanoseconds>(text), HasSubstr("span of time")) << text;
  }
  constexpr auto least = std::chrono::nanoseconds::min();
  EXPECT_EQ(back(least), least);
}

TEST(Arguments, WhatCannotBeWrittenIsRefusedBeforeAnythingIsStored) {
  EXPECT_THROW(encode_value(std::numeric_limits<double>::quiet_NaN()), UsageError);
  EXPECT_THROW(encode_value(std::vector<float>{std::numeric_limits<float>::infinity()}),
               UsageError);
  EXPECT_THROW(encode_value(std::string{"\xC3\x28"}), UsageError);
  EXPECT_THROW(encode_value(std::map<std::string, int>{{"\xFF", 1}}), UsageError);
  EXPECT_THROW(encode_value(std::chrono::hours::max()), UsageError);
  EXPECT_THROW(encode_value(std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}), UsageError);
  EXPECT_THROW(encode_value(std::chrono::sys_days{std::chrono::year{0} / 12 / 31}), UsageError);
}

struct Refused {
  std::string (*decode)(std::string_view);
  const char* text;
  const char* message;
};

TEST(Arguments, DecodingIsStrict) {
  const Refused cases[] = {
      {refusal<int>, "1099511627783", "value must be an integer from -2147483648 to 2147483647"},
      {refusal<unsigned>, "-1", "value must be an integer from 0 to 4294967295, but is -1"},
      {refusal<int>, "3.9", "but is 3.9"},
      {refusal<int>, "3.0", "but is 3.0"},
      {refusal<int>, "true", "but is true"},
      {refusal<int>, "\"7\"", "but is \"7\""},
      {refusal<int>, "null", "but is null"},
      {refusal<std::int8_t>, "128", "from -128 to 127"},
      {refusal<std::uint64_t>, "18446744073709551616", "must be an integer"},
      {refusal<char>, "300", "must be an integer"},
      {refusal<bool>, "1", "must be true or false, but is 1"},
      {refusal<bool>, "\"true\"", "must be true or false"},
      {refusal<double>, "false", "must be a number"},
      {refusal<double>, "1e400", "not valid JSON"},
      {refusal<float>, "1e39", "range of float"},
      {refusal<std::string>, "7", "must be a string, but is 7"},
      {refusal<std::string>, "null", "must be a string, but is null"},
      {refusal<Colour>, "256", "from 0 to 255"},
      {refusal<Colour>, "1.5", "must be an integer"},
      {refusal<Colour>, "true", "must be an integer"},
      {refusal<Point>, R"({"x":1})", "value: "},
      {refusal<std::vector<int>>, "{}", "must be an array"},
      {refusal<std::map<std::string, int>>, "[]", "must be an object"},
      {refusal<std::array<int, 2>>, "[1]", "must be an array of 2 items"},
      {refusal<std::pair<int, int>>, "[1,2,3]", "must be an array of 2 items"},
      {refusal<TimePoint>, "\"yesterday\"", "must be an RFC 3339 instant"},
      {refusal<TimePoint>, "0", "must be an RFC 3339 instant"},
      {refusal<std::chrono::sys_time<std::chrono::nanoseconds>>, "\"9999-01-01T00:00:00Z\"",
       "in the range of the parameter"},
      {refusal<int>, "", "value is not valid JSON"},
      {refusal<int>, "7 8", "value is not valid JSON"},
      {refusal<std::string>, "\"\xC3\x28\"", "value is not valid JSON"},
  };
  for (const Refused& each : cases) {
    EXPECT_THAT(each.decode(each.text), HasSubstr(each.message)) << each.text;
  }
}

TEST(Arguments, AnErrorNamesThePlaceInside) {
  using Deep = std::map<std::string, std::vector<std::tuple<int, std::optional<bool>>>>;
  EXPECT_THAT(refusal<Deep>(R"({"a":[[1,true],[2,3]]})"),
              StartsWith("value.a[1][1] must be true or false, but is 3"));
  EXPECT_THAT(refusal<int>('"' + std::string(1000, 'x') + '"'), HasSubstr("xxx…"));
}

TEST(Arguments, ACallIsOneArrayInOrder) {
  using Stored = detail::TypeList<std::string, int, std::optional<double>>;
  EXPECT_EQ(detail::encode_call<Stored>("text", 7), R"(["text",7])");
  EXPECT_EQ(detail::encode_call<Stored>(std::string{"text"}, short{7}, 2.5), R"(["text",7,2.5])");
  EXPECT_EQ(detail::encode_call<detail::TypeList<>>(), "[]");
  EXPECT_THROW(detail::encode_call<Stored>("\xFF", 7), UsageError);
}

TEST(Arguments, OnlyTrailingOptionalParametersMayBeMissing) {
  using Stored = detail::TypeList<int, std::optional<int>, int, std::optional<int>>;
  EXPECT_EQ(detail::decode_call(Stored{}, "[1,null,3]"),
            (std::tuple{1, std::optional<int>{}, 3, std::optional<int>{}}));
  EXPECT_EQ((call_refusal<int, std::optional<int>, int>("[1,2]")),
            "the job takes 3 arguments, but 2 are stored");
  EXPECT_EQ((call_refusal<int, std::optional<int>>("[1,2,3]")),
            "the job takes 1 to 2 arguments, but 3 are stored");
  EXPECT_EQ(call_refusal<>("[1]"), "the job takes 0 arguments, but 1 are stored");
  EXPECT_EQ(call_refusal<>("[]"), "accepted");
  EXPECT_EQ(call_refusal<>(" [ ] "), "accepted");
}

TEST(Arguments, AMisfitOfACallNamesTheArgument) {
  EXPECT_THAT((call_refusal<std::string, int>(R"(["a",-2147483649])")),
              StartsWith("argument 2 must be an integer from -2147483648"));
  EXPECT_THAT((call_refusal<std::vector<Point>>(R"([[{"x":1,"y":2},{}]])")),
              StartsWith("argument 1[1]: "));
  EXPECT_THAT(call_refusal<int>("{}"), StartsWith("the stored arguments must be a JSON array"));
  EXPECT_THAT(call_refusal<int>("[1"), StartsWith("the stored arguments is not valid JSON"));
}

}  // namespace
}  // namespace portfire
