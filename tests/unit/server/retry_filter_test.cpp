#include <portfire/retry.hpp>

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/error.hpp>

namespace portfire {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct Case {
  std::uint32_t attempt = 0;
  int own_limit = unset;
  std::exception_ptr error = std::make_exception_ptr(std::runtime_error{"no"});
  std::optional<Duration> requested = std::nullopt;
  std::string message = "no";
};

// What the filter makes of a Failed candidate.
Election elected(RetryOptions options, const Case& given = {}) {
  static const std::map<std::string, std::string> no_parameters;
  static JobFacts facts{.parameters = no_parameters, .attempts_limit = unset};
  facts.attempt = given.attempt;
  facts.attempts_limit = given.own_limit;
  Election election{.job = facts,
                    .candidate = states::failed(given.message, R"({"type":"x"})"),
                    .error = given.error,
                    .requested_delay = given.requested};
  retry_filter(std::move(options))->electing(election);
  return election;
}

TEST(RetryFilter, SchedulesTheNextAttemptAndKeepsTheFailureInTheHistory) {
  const Election election = elected({.delays = {5s}});
  EXPECT_EQ(election.candidate.name, "Scheduled");
  EXPECT_EQ(election.candidate.due_in, 5s);
  EXPECT_EQ(election.candidate.reason, "Retry 1 of 10: no");
  EXPECT_EQ(election.attempt, 1U);
  ASSERT_EQ(election.replaced.size(), 1U);
  EXPECT_EQ(election.replaced[0].name, "Failed");
}

TEST(RetryFilter, AttemptsAreRetriesAfterTheFirstRun) {
  EXPECT_EQ(elected({.attempts = 2}, {.attempt = 1}).attempt, 2U);
  const Election over = elected({.attempts = 2}, {.attempt = 2});
  EXPECT_EQ(over.candidate.name, "Failed");
  EXPECT_EQ(over.attempt, std::nullopt);
  EXPECT_EQ(elected({.attempts = 0}).candidate.name, "Failed");
}

TEST(RetryFilter, TheJobsOwnLimitTakesPrecedence) {
  EXPECT_EQ(elected({.attempts = 0}, {.own_limit = 1}).attempt, 1U);
  EXPECT_EQ(elected({.attempts = 9}, {.own_limit = 0}).candidate.name, "Failed");
}

TEST(RetryFilter, GivenDelaysApplyInTurnAndTheLastRepeats) {
  const RetryOptions options{.delays = {1s, 2s}};
  EXPECT_EQ(elected(options, {.attempt = 0}).candidate.due_in, 1s);
  EXPECT_EQ(elected(options, {.attempt = 1}).candidate.due_in, 2s);
  EXPECT_EQ(elected(options, {.attempt = 7}).candidate.due_in, 2s);
}

TEST(RetryFilter, AnOwnFormulaIsAskedWithTheNumberOfTheRetry) {
  const RetryOptions options{
      .delay = [](std::uint32_t retry, std::uint64_t) { return Duration{1s} * retry; }};
  EXPECT_EQ(elected(options, {.attempt = 3}).candidate.due_in, 4s);
}

TEST(RetryFilter, ADelayOfZeroEnqueuesAtOnce) {
  const Election election = elected({.delays = {0s}});
  EXPECT_EQ(election.candidate.name, "Enqueued");
  EXPECT_EQ(election.attempt, 1U);
}

TEST(RetryFilter, ARequestedDelayTakesPrecedence) {
  EXPECT_EQ(elected({.delays = {5s}}, {.requested = 7s}).candidate.due_in, 7s);
  EXPECT_EQ(elected({.delays = {5s}}, {.requested = 0s}).candidate.name, "Enqueued");
  EXPECT_EQ(elected({.attempts = 0}, {.requested = 7s}).candidate.name, "Failed");
}

TEST(RetryFilter, TheFormulaStaysWithinItsBounds) {
  for (std::uint32_t n = 1; n <= 10; ++n) {
    const auto base = static_cast<std::int64_t>(n - 1) * (n - 1) * (n - 1) * (n - 1) + 15;
    EXPECT_EQ(default_retry_delay(n, 0), std::chrono::seconds{base});
    EXPECT_EQ(default_retry_delay(n, 29), std::chrono::seconds{base + 29 * std::int64_t{n}});
    EXPECT_EQ(default_retry_delay(n, 30), default_retry_delay(n, 0));
  }
  EXPECT_LE(default_retry_delay(1'000'000, 29), std::chrono::hours{24 * 365 * 100});
  const Duration drawn = elected({}).candidate.due_in;
  EXPECT_GE(drawn, 15s);
  EXPECT_LE(drawn, 44s);
}

TEST(RetryFilter, OnlyAndExceptDecideByTheTypeOfTheException) {
  const auto logic = std::make_exception_ptr(std::out_of_range{"no"});
  const RetryOptions only{.only_on = {exception_is<std::runtime_error>()}};
  EXPECT_EQ(elected(only).attempt, 1U);
  EXPECT_EQ(elected(only, {.error = logic}).candidate.name, "Failed");
  const RetryOptions except{.except_on = {exception_is<std::logic_error>()}};
  EXPECT_EQ(elected(except).attempt, 1U);
  EXPECT_EQ(elected(except, {.error = logic}).candidate.name, "Failed");
  const RetryOptions both{.only_on = {exception_is<std::exception>()},
                          .except_on = {exception_is<std::logic_error>()}};
  EXPECT_EQ(elected(both, {.error = logic}).candidate.name, "Failed");
  EXPECT_EQ(elected(both, {.error = std::make_exception_ptr(7)}).candidate.name, "Failed");
}

TEST(RetryFilter, AFailureWithoutAnExceptionIsRetriedUnlessOnlyCertainOnesAre) {
  EXPECT_EQ(elected({}, {.error = nullptr}).attempt, 1U);
  EXPECT_EQ(elected({.except_on = {exception_is<std::exception>()}}, {.error = nullptr}).attempt,
            1U);
  EXPECT_EQ(
      elected({.only_on = {exception_is<std::exception>()}}, {.error = nullptr}).candidate.name,
      "Failed");
}

TEST(RetryFilter, ArgumentsThatDoNotFitAreNeverRetried) {
  EXPECT_EQ(elected({}, {.error = std::make_exception_ptr(ArgumentError{"no"})}).candidate.name,
            "Failed");
  EXPECT_EQ(elected({}, {.error = std::make_exception_ptr(DecodeError{"no"})}).attempt, 1U);
}

TEST(RetryFilter, AnExceededLimitMayDelete) {
  const RetryOptions options{.attempts = 1,
                             .except_on = {exception_is<std::logic_error>()},
                             .on_exceeded = RetryOptions::OnExceeded::delete_job};
  const Election over = elected(options, {.attempt = 1});
  EXPECT_EQ(over.candidate.name, "Deleted");
  EXPECT_EQ(over.candidate.reason, "Failed for good after 1 retries");
  EXPECT_EQ(over.candidate.data, R"({"type":"x"})");
  const auto logic = std::make_exception_ptr(std::logic_error{"no"});
  EXPECT_EQ(elected(options, {.attempt = 1, .error = logic}).candidate.name, "Failed")
      << "what is not to be retried was not exceeded";
}

TEST(RetryFilter, OtherCandidatesAreNoneOfItsBusiness) {
  static const std::map<std::string, std::string> none;
  const JobFacts facts{.parameters = none, .attempts_limit = unset};
  Election election{.job = facts, .candidate = states::succeeded()};
  retry_filter()->electing(election);
  EXPECT_EQ(election.candidate.name, "Succeeded");
  EXPECT_TRUE(election.replaced.empty());
}

TEST(RetryFilter, LongMessagesAreShortenedInTheReason) {
  const Election election = elected({}, {.message = std::string(5000, 'x')});
  EXPECT_LT(election.candidate.reason.size(), 300U);
  EXPECT_EQ(election.replaced[0].reason.size(), 5000U);
}

TEST(RetryFilter, OptionsOutOfRangeAreRefused) {
  EXPECT_THROW(retry_filter({.attempts = -1}), UsageError);
  EXPECT_THROW(retry_filter({.attempts = 1'000'001}), UsageError);
  EXPECT_THROW(retry_filter({.delays = {Duration{-1}}}), UsageError);
  EXPECT_EQ(retry_filter()->order(), 20);
  EXPECT_EQ(retry_filter()->name(), "retry");
}

}  // namespace
}  // namespace portfire
