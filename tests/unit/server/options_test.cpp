#include "server/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/error.hpp>
#include <portfire/memory.hpp>

namespace portfire::server {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string refusal(const ServerOptions& options) {
  try {
    checked(options, 2);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ServerOptions, EachRangeErrorNamesFieldValueAndRule) {
  const std::pair<ServerOptions, const char*> cases[] = {
      {{.workers = -1}, "ServerOptions::workers is \"-1\"; it must be from 0 to 1000"},
      {{.workers = 1001}, "ServerOptions::workers is \"1001\"; it must be from 0 to 1000"},
      {{.queues = {}}, "ServerOptions::queues is empty; name at least one queue"},
      {{.queues = {"a", "No"}}, "ServerOptions::queues is \"No\"; a queue name is"},
      {{.queues = {"a", "b", "a"}}, "ServerOptions::queues names \"a\" twice"},
      {{.weights = {{"mail", 2}}}, "ServerOptions::weights names \"mail\", which is not among"},
      {{.weights = {{"default", 0}}},
       "the weight of queue \"default\" is \"0\"; it must be from 1"},
      {{.prefetch = -1}, "ServerOptions::prefetch is \"-1\"; it must be from 0 to 100000"},
      {{.lease = 999ms}, "ServerOptions::lease is \"999ms\"; it must be from 1s to 1h"},
      {{.lease = 61min}, "ServerOptions::lease is \"1h1m\"; it must be from 1s to 1h"},
      {{.stop_timeout = -1s}, "ServerOptions::stop_timeout is \"-1s\""},
      {{.stop_timeout = 20s}, "ServerOptions::shutdown_timeout is \"15s\"; it must be from 20s"},
      {{.poll_interval = 1ms}, "ServerOptions::poll_interval is \"1ms\"; it must be from 10ms"},
      {{.retention = -1s}, "ServerOptions::retention is \"-1s\""},
      {{.failed_retention = -1s}, "ServerOptions::failed_retention is \"-1s\""},
      {{.crash_limit = -1}, "ServerOptions::crash_limit is \"-1\"; it must be from 0 to 1000"},
      {{.error_limit = 99}, "ServerOptions::error_limit is \"99\"; it must be from 100 to 1000000"},
      {{.processes = {nullptr}}, "ServerOptions::processes contains a null pointer"},
      {{.log = {}}, "ServerOptions::log is empty; use silent_sink()"},
  };
  for (const auto& [options, message] : cases) EXPECT_THAT(refusal(options), HasSubstr(message));
  EXPECT_EQ(refusal({}), "accepted");
}

TEST(ServerOptions, WorkersAreFivePerProcessorAtMostTwenty) {
  EXPECT_EQ(checked({}, 1).workers, 5);
  EXPECT_EQ(checked({}, 2).workers, 10);
  EXPECT_EQ(checked({}, 64).workers, 20);
  EXPECT_EQ(checked({}, 0).workers, 5);
  EXPECT_EQ(checked({.workers = 7}, 64).workers, 7);
}

TEST(ServerOptions, ANameIsMadeOfHostAndProcess) {
  EXPECT_EQ(checked({}, 1).name, default_server_name());
  EXPECT_THAT(default_server_name(), HasSubstr(":" + std::to_string(getpid())));
  EXPECT_EQ(checked({.name = "mine"}, 1).name, "mine");
}

TEST(ServerOptions, EveryOptionIsSaidInOneLine) {
  EXPECT_EQ(described(checked({.workers = 3, .queues = {"a", "b"}, .crash_limit = 5}, 1)),
            "workers=3 queues=a,b prefetch=1000 lease=30s stop_timeout=5s shutdown_timeout=15s "
            "poll_interval=5s attempts=10 filters=0 retention=1d failed_retention=forever "
            "crash_limit=5 error_limit=10000 isolation=thread jobs_per_child=100000 spare=1 "
            "kill_after=5s start_timeout=30s maintenance=on processes=0");
  EXPECT_THAT(described(checked({.crash_directory = "/crashes"}, 1)),
              HasSubstr(" crash_directory=/crashes "));
  EXPECT_THAT(described(checked({.automatic_retry = false, .maintenance = false}, 1)),
              HasSubstr("automatic_retry=off"));
}

TEST(ServerConstruction, RefusesWhatIsWrongAtOnce) {
  const auto storage = memory::open();
  EXPECT_THROW((Server{nullptr, {}, {}}), UsageError);
  EXPECT_THROW((Server{storage, {}, {.workers = -1}}), UsageError);
  EXPECT_THROW((Server{storage, {}, {.retry = {.attempts = -1}}}), UsageError);
  EXPECT_THROW((Server{storage, {}, {.filters = {nullptr}}}), UsageError);
  EXPECT_EQ((Server{storage, {}, {}}.id()), ServerId{});
}

TEST(ServerConstruction, RefusesIsolatedJobsOfAProgramThatCannotServeThem) {
  const auto storage = memory::open();
  Handlers handlers;
  handlers.on("plain", [] {});
  EXPECT_NO_THROW((Server{storage, handlers, {}}));
  try {
    const Server server{storage, handlers, {.isolation = Isolation::process}};
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("portfire::serve_isolated"));
  }
  handlers.on("apart", [] {}, {.isolation = Isolation::process});
  EXPECT_THROW((Server{storage, handlers, {}}), UsageError);
  EXPECT_THROW((Server{storage, {}, {.children = {.spare = -1}}}), UsageError);
}

}  // namespace
}  // namespace portfire::server
