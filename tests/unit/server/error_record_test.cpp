#include "server/error_record.hpp"

#include <stdexcept>
#include <system_error>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace portfire::server {
namespace {

template <class E>
ErrorRecord recorded(E error, std::size_t limit = 10'000) {
  return record_error(std::make_exception_ptr(std::move(error)), limit);
}

struct Own : std::runtime_error {
  using std::runtime_error::runtime_error;
};

TEST(ErrorRecord, TypeAndMessageAreKept) {
  const ErrorRecord record = recorded(std::out_of_range{"too far"});
  EXPECT_EQ(record.type, "std::out_of_range");
  EXPECT_EQ(record.message, "too far");
  EXPECT_EQ(record.data, R"({"message":"too far","type":"std::out_of_range"})");
  EXPECT_EQ(recorded(Own{"x"}).type, "portfire::server::(anonymous namespace)::Own");
}

TEST(ErrorRecord, WhatIsNoExceptionHasATypeAtLeast) {
  EXPECT_EQ(recorded(7).type, "int");
  EXPECT_EQ(recorded(7).message, "");
  EXPECT_EQ(recorded(std::string{"text"}).message, "text");
  EXPECT_EQ(recorded(static_cast<const char*>("text")).message, "text");
  EXPECT_EQ(record_error(nullptr, 100).type, "unknown");
}

std::exception_ptr nested(int depth) {
  try {
    try {
      if (depth > 0) std::rethrow_exception(nested(depth - 1));
      throw std::invalid_argument{"innermost"};
    } catch (...) {
      if (depth == 0) throw;
      std::throw_with_nested(std::runtime_error{"level " + std::to_string(depth)});
    }
  } catch (...) {
    return std::current_exception();
  }
}

TEST(ErrorRecord, NestedExceptionsAreKeptOutermostFirst) {
  const ErrorRecord record = record_error(nested(2), 10'000);
  EXPECT_EQ(record.type, "std::runtime_error");
  EXPECT_EQ(record.message, "level 2");
  const auto data = nlohmann::json::parse(record.data);
  EXPECT_EQ(data["nested"],
            nlohmann::json::parse(R"([{"type":"std::runtime_error","message":"level 1"},
                                      {"type":"std::invalid_argument","message":"innermost"}])"));
}

TEST(ErrorRecord, AnEndlessNestingIsCut) {
  const auto data = nlohmann::json::parse(record_error(nested(100), 10'000).data);
  EXPECT_EQ(data["nested"].size(), 19U);
}

TEST(ErrorRecord, AllMessagesTogetherStayWithinTheLimit) {
  for (const std::size_t limit : {0U, 1U, 2U, 3U, 10U, 12U, 1000U}) {
    const auto data = nlohmann::json::parse(record_error(nested(5), limit).data);
    std::size_t bytes = data["message"].get<std::string>().size();
    for (const auto& link : data["nested"]) bytes += link["message"].get<std::string>().size();
    EXPECT_LE(bytes, limit);
  }
}

std::exception_ptr around(const std::exception_ptr& cause) {
  try {
    try {
      std::rethrow_exception(cause);
    } catch (...) {
      std::throw_with_nested(std::logic_error{"around"});
    }
  } catch (...) {
    return std::current_exception();
  }
}

std::exception_ptr recorded_elsewhere(std::string data) {
  ErrorRecord record{.type = "Theirs", .message = "away", .data = std::move(data)};
  return std::make_exception_ptr(RecordedError<std::runtime_error>{std::move(record), "away"});
}

constexpr const char* their_record =
    R"({"message":"away","nested":[{"message":"deep","type":"Cause"}],"process":{"id":7},)"
    R"("stack":["f"],"type":"Theirs"})";

TEST(ErrorRecord, ARecordThatAnExceptionBringsIsKeptAsItIs) {
  const ErrorRecord record = record_error(recorded_elsewhere(their_record), 10'000);
  EXPECT_EQ(record.type, "Theirs");
  EXPECT_EQ(record.message, "away");
  EXPECT_EQ(record.data, their_record);
}

TEST(ErrorRecord, SoIsThatOfANestedException) {
  const auto data =
      nlohmann::json::parse(record_error(around(recorded_elsewhere(their_record)), 10'000).data);
  EXPECT_EQ(data["message"], "around");
  EXPECT_EQ(data["nested"], nlohmann::json::parse(
                                R"([{"type":"Theirs","message":"away","stack":["f"],
                                     "process":{"id":7}},
                                    {"type":"Cause","message":"deep"}])"));
}

TEST(ErrorRecord, ARecordOfAnotherShapeDoesNoHarm) {
  for (const char* text : {"", "7", "[]", "{", R"({"type":7,"message":[],"stack":"f","nested":4})",
                           R"({"nested":{"type":[]},"stack":[1,{}]})"}) {
    const auto data =
        nlohmann::json::parse(record_error(around(recorded_elsewhere(text)), 10'000).data);
    EXPECT_EQ(data["message"], "around");
    EXPECT_TRUE(data["nested"][0]["type"].is_string()) << text;
  }
}

// Has the same stack for every exception.
class KnowsOneStack final : public StackTracer {
 public:
  explicit KnowsOneStack(std::vector<std::string> stack) : stack_{std::move(stack)} {}
  void enter(const void* /*bottom*/) noexcept override {}
  void leave() noexcept override {}
  std::vector<std::string> stack_of(const std::exception_ptr& /*error*/) override { return stack_; }
  std::vector<std::string> describe(std::span<const CodeLocation> /*locations*/) override {
    return {};
  }

 private:
  const std::vector<std::string> stack_;
};

TEST(ErrorRecord, EachExceptionHasItsStack) {
  KnowsOneStack tracer{{"inner at a.cpp:1", "outer"}};
  const auto data = nlohmann::json::parse(record_error(nested(1), 10'000, &tracer).data);
  const nlohmann::json stack{"inner at a.cpp:1", "outer"};
  EXPECT_EQ(data["stack"], stack);
  ASSERT_EQ(data["nested"].size(), 1U);
  EXPECT_EQ(data["nested"][0]["stack"], stack);
}

TEST(ErrorRecord, AllStacksTogetherStayWithinBounds) {
  KnowsOneStack deep{std::vector<std::string>(1000, "f")};
  const auto few = nlohmann::json::parse(record_error(nested(0), 1000, &deep).data);
  EXPECT_EQ(few["stack"].size(), 65U);
  EXPECT_EQ(few["stack"].back(), "…");
  // Names of template instances are long.
  KnowsOneStack wide{std::vector<std::string>(60, std::string(2000, 'f'))};
  const std::string many = record_error(nested(100), 1000, &wide).data;
  EXPECT_LT(many.size(), most_stack_bytes + 4000);
  EXPECT_EQ(nlohmann::json::parse(many)["stack"].back(), "…");
}

}  // namespace
}  // namespace portfire::server
