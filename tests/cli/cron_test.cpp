// portfire cron: occurrences and words, without any storage.

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CronCommand : public ProgramTest {
 protected:
  // What it prints; it must succeed.
  [[nodiscard]] std::string next(Arguments arguments) const {
    arguments.insert(arguments.begin(), {"cron", "next"});
    const Finished finished = run_with("", arguments);
    EXPECT_EQ(finished.code, 0) << finished.err;
    EXPECT_EQ(finished.err, "");
    return finished.out;
  }

  // Why it refuses; it must, and must print nothing.
  [[nodiscard]] std::string refusal(Arguments arguments) const {
    arguments.insert(arguments.begin(), "cron");
    const Finished finished = run_with("", arguments);
    EXPECT_EQ(finished.code, 2);
    EXPECT_EQ(finished.out, "");
    return finished.err;
  }
};

TEST_F(CronCommand, PrintsLocalTimesWithTheirOffsets) {
  EXPECT_EQ(next({"30 2 * * *", "--zone", "Europe/Berlin", "--from", "2026-03-28T03:00:00Z",
                  "--count", "3"}),
            "2026-03-29T03:00:00+02:00\n2026-03-30T02:30:00+02:00\n2026-03-31T02:30:00+02:00\n");
  EXPECT_EQ(next({"0 12 * * *", "--zone", "UTC", "--from", "2050-06-01T12:00:00-10:30"}),
            "2050-06-02T12:00:00+00:00\n");
  EXPECT_EQ(next({"0 12 * 7 *", "--zone=Europe/Paris", "--from=2400-06-01T00:00:00+14:00"}),
            "2400-07-01T12:00:00+02:00\n");
  EXPECT_EQ(next({"@yearly", "--zone", "Africa/Monrovia", "--from", "1970-06-01 00:00:00z"}),
            "1971-01-01T00:00:00-00:44\n");
}

TEST_F(CronCommand, TakesAnInstantAsExactlyAsItIsWritten) {
  const auto from = [this](const char* instant, bool inclusive) {
    Arguments arguments = {"* * * * * *", "--zone", "UTC", "--from", instant};
    if (inclusive) arguments.emplace_back("--inclusive");
    return next(arguments);
  };
  EXPECT_EQ(from("2026-01-01T00:00:00Z", false), "2026-01-01T00:00:01+00:00\n");
  EXPECT_EQ(from("2026-01-01T00:00:00Z", true), "2026-01-01T00:00:00+00:00\n");
  EXPECT_EQ(from("2026-01-01T00:00:00.0000000Z", true), "2026-01-01T00:00:00+00:00\n");
  EXPECT_EQ(from("2026-01-01T00:00:00.0000001Z", true), "2026-01-01T00:00:01+00:00\n");
  EXPECT_EQ(from("2026-01-01T00:00:00.00000000000000000001Z", true), "2026-01-01T00:00:01+00:00\n");
  EXPECT_EQ(from("2026-01-01T00:00:00.9999999+00:00", false), "2026-01-01T00:00:01+00:00\n");
  // The ends of time, where an offset leads out of it.
  EXPECT_EQ(from("0001-01-01T00:00:00+14:00", false), "0001-01-01T00:00:00+00:00\n");
  EXPECT_EQ(from("9999-12-31T23:59:59.5-12:00", false), "never\n");
}

TEST_F(CronCommand, OnlyTheFirstMayBeAtTheInstantItself) {
  EXPECT_EQ(next({"0 0 * * *", "--zone", "UTC", "--from", "2026-01-01T00:00:00Z", "--inclusive",
                  "--count", "2"}),
            "2026-01-01T00:00:00+00:00\n2026-01-02T00:00:00+00:00\n");
}

TEST_F(CronCommand, PrintsFewerWhenThereAreNoMoreAndNeverWhenThereIsNone) {
  EXPECT_EQ(
      next({"* * * * * *", "--zone", "UTC", "--from", "9999-12-31T23:59:57Z", "--count", "9"}),
      "9999-12-31T23:59:58+00:00\n9999-12-31T23:59:59+00:00\n");
  EXPECT_EQ(next({"0 0 31 2 *", "--zone", "UTC", "--from", "2026-01-01T00:00:00Z"}), "never\n");
  EXPECT_EQ(next({"* * * * *", "--zone", "UTC", "--from", "9999-12-31T23:59:59Z", "--count", "2"}),
            "never\n");
}

TEST_F(CronCommand, LooksFromNowInUtcUnlessToldOtherwise) {
  EXPECT_THAT(next({"@yearly"}), ::testing::EndsWith("-01-01T00:00:00+00:00\n"));
}

TEST_F(CronCommand, RefusesWhatIsNoExpression) {
  EXPECT_THAT(refusal({"next", "60 * * * *", "--zone", "UTC"}),
              AllOf(StartsWith("portfire: cron expression \"60 * * * *\""),
                    HasSubstr("minute \"60\": \"60\" is not a value in 0-59")));
  for (const char* command : {"next", "describe"}) {
    EXPECT_THAT(refusal({command, ""}), HasSubstr("is empty"));
    EXPECT_THAT(refusal({command, "  "}), HasSubstr("is empty"));
    EXPECT_THAT(refusal({command}), HasSubstr("EXPR is required"));
    EXPECT_THAT(refusal({command, "* * * *"}), HasSubstr("has 4 fields"));
    EXPECT_THAT(refusal({command, "* * * * *", "UTC"}), HasSubstr("\"UTC\""));
  }
}

TEST_F(CronCommand, TakesWhatBeginsWithADashForAnExpression) {
  const char* const problem = "minute \"-1\": \"-\" is not a value in 0-59";
  EXPECT_THAT(refusal({"next", "-1 * * * *"}), HasSubstr(problem));
  EXPECT_THAT(refusal({"next", "--zone", "UTC", "-1 * * * *", "--count", "2"}), HasSubstr(problem));
  EXPECT_THAT(refusal({"next", "--inclusive", "-1 * * * *"}), HasSubstr(problem));
  EXPECT_THAT(refusal({"describe", "--", "-1 * * * *"}), HasSubstr(problem));
  // Not for a request for help, though it begins like one.
  EXPECT_THAT(refusal({"describe", "-h * * * *"}), HasSubstr("minute \"-h\""));
  EXPECT_NE(refusal({"next", "-1"}), "");
  EXPECT_NE(refusal({"next", "--1 * * * *"}), "");
  EXPECT_NE(refusal({"next", "-"}), "");
}

TEST_F(CronCommand, RefusesWhatIsNoZoneInstantOrNumber) {
  EXPECT_THAT(refusal({"next", "* * * * *", "--zone", "Europe/Atlantis"}),
              HasSubstr("time zone \"Europe/Atlantis\""));
  EXPECT_THAT(refusal({"next", "* * * * *", "--from", "yesterday"}),
              HasSubstr("--from is \"yesterday\""));
  EXPECT_THAT(refusal({"next", "* * * * *", "--from", "2026-01-01T00:00:00"}), HasSubstr("--from"));
  EXPECT_THAT(refusal({"next", "* * * * *", "--count", "0"}), HasSubstr("--count"));
  EXPECT_THAT(refusal({"next", "* * * * *", "--zoen", "UTC"}),
              HasSubstr("did you mean \"--zone\""));
}

TEST_F(CronCommand, ChoosesByASeed) {
  EXPECT_THAT(refusal({"next", "H 0 * * *"}), HasSubstr("--seed"));
  EXPECT_EQ(next({"H H * * *", "--seed", "digest", "--from", "2026-01-01T00:00:00Z"}),
            "2026-01-01T01:34:00+00:00\n");
}

TEST_F(CronCommand, SaysItInEnglish) {
  EXPECT_EQ(run({"cron", "describe", "30 8 * * MON-FRI"}).out, "At 08:30, Monday to Friday\n");
  EXPECT_EQ(run({"cron", "describe", "H H * * *", "--seed", "digest"}).out,
            "At 01:34, every day\n");
}

TEST_F(CronCommand, AnswersProgramsToo) {
  EXPECT_EQ(
      json_of({"cron", "next", "0 0 1 * *", "--from", "2026-01-15T00:00:00Z", "--count", "2"}),
      (nlohmann::json{
          {"expression", "0 0 1 * *"},
          {"zone", "UTC"},
          {"occurrences", {"2026-02-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00"}}}));
  EXPECT_EQ(json_of({"cron", "next", "0 0 31 2 *"})["occurrences"], nlohmann::json::array());
  EXPECT_EQ(json_of({"cron", "describe", "* * * * *"}),
            (nlohmann::json{{"expression", "* * * * *"}, {"description", "Every minute"}}));
}

}  // namespace
}  // namespace portfire::cli
