#include "server/trouble.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portfire::server {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class TroubleTest : public ::testing::Test {
 protected:
  std::vector<std::string> lines_;
  const LogSink log_ = [this](LogLevel level, std::string_view line) {
    lines_.push_back(std::string{to_string(level)} + ": " + std::string{line});
  };
  Trouble trouble_{log_, "claiming"};
};

TEST_F(TroubleTest, LogsTheFirstThenOnceAMinuteThenTheRecovery) {
  for (int second = 0; second < 130; ++second) {
    trouble_.failed("no route", SteadyPoint{std::chrono::seconds{1000 + second}});
  }
  EXPECT_TRUE(trouble_.present());
  trouble_.succeeded(SteadyPoint{1130s});
  EXPECT_FALSE(trouble_.present());
  trouble_.succeeded(SteadyPoint{1131s});
  EXPECT_THAT(lines_, ElementsAre("error: claiming failed and will be tried again: no route",
                                  "error: claiming still fails: no route (61 times in a row)",
                                  "error: claiming still fails: no route (121 times in a row)",
                                  "info: claiming works again after 2m10s and 130 failures"));
}

TEST_F(TroubleTest, WaitsNSquaredSecondsUpToFiveMinutes) {
  std::vector<Duration> waits;
  for (int n = 0; n < 20; ++n) waits.push_back(trouble_.failed("x", SteadyPoint{}));
  EXPECT_EQ(waits[0], 1s);
  EXPECT_EQ(waits[1], 4s);
  EXPECT_EQ(waits[2], 9s);
  EXPECT_EQ(waits[16], 289s);
  EXPECT_EQ(waits[17], 300s);
  EXPECT_EQ(waits[19], 300s);
  trouble_.succeeded(SteadyPoint{});
  EXPECT_EQ(trouble_.failed("x", SteadyPoint{}), 1s) << "counted anew after a success";
}

}  // namespace
}  // namespace portfire::server
