// What a job may use.

#include <gmock/gmock.h>

#include "isolation/jobs.hpp"

namespace portfire::isolation_tests {
namespace {

using ::testing::HasSubstr;

class Limits : public Isolated {};
PORTFIRE_SCENARIOS(Limits);

TEST_P(Limits, MemoryBeyondIsRefused) {
  if (has_sanitizer) GTEST_SKIP() << "a sanitizer's shadow takes more than any limit";
  start_isolating();
  EXPECT_EQ(result(client().enqueue_raw("grow", "[16]")), 16);
  EXPECT_EQ(failure(client().enqueue_raw("grow", "[500]"))["type"], "std::bad_alloc");
  EXPECT_EQ(result(client().enqueue_raw("grow_freely", "[200]")), 200)
      << "the limit was that job's";
}

TEST_P(Limits, ProcessorTimeBeyondEndsTheProcess) {
  start_isolating();
  const nlohmann::json data = failure(client().enqueue_raw("spin", "[]"));
  EXPECT_THAT(data["message"].get<std::string>(), HasSubstr("SIGXCPU"));
  EXPECT_GE(data["process"]["user_seconds"].get<double>() +
                data["process"]["system_seconds"].get<double>(),
            0.9);
}

TEST_P(Limits, FilesBeyondAreNotOpened) {
  start_isolating();
  EXPECT_LT(result(client().enqueue_raw("open_many", "[1000]")), 64);
  EXPECT_EQ(result(client().enqueue_raw("open_freely", "[200]")), 200);
}

TEST_P(Limits, AServerHasLimitsForThoseThatSayNone) {
  ServerOptions options = isolating();
  options.children.limits = {.open_files = 32};
  start(handlers(), options);
  EXPECT_LT(result(client().enqueue_raw("open_freely", "[1000]")), 32);
}

TEST_P(Limits, ImpossibleOnesAreRefused) {
  Handlers handlers;
  EXPECT_THROW(handlers.on("a", [] {}, {.process_limits = {.open_files = 3}}), UsageError);
  EXPECT_THROW(handlers.on("b", [] {}, {.process_limits = {.memory_bytes = 1}}), UsageError);
  EXPECT_THROW(handlers.on("c", [] {}, {.process_limits = {.processor_time = -1s}}), UsageError);
  ServerOptions options = isolating();
  options.children.jobs_per_child = 0;
  EXPECT_THROW(start(handlers, options), UsageError);
}

}  // namespace
}  // namespace portfire::isolation_tests
