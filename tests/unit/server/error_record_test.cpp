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

}  // namespace
}  // namespace portfire::server
