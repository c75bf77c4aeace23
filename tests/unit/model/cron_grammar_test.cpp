// What is a cron expression and what is not, and what is said about the latter.

#include <portfire/cron.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <portfire/error.hpp>

namespace portfire {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string problem_of(std::string_view text) {
  try {
    static_cast<void>(Cron::parse(text));
  } catch (const UsageError& error) {
    return error.what();
  }
  return {};
}

TEST(CronGrammar, Accepts) {
  for (const char* text :
       {"* * * * *",
        "? ? ? ? ?",
        "*/59 */23 */31 */12 */7",
        "*/59 * * * * *",
        "\t* *\t \t* * *  ",
        "  0 0 1 1 0",
        "00 00 01 01 00",
        "1,2,3-5,50-10/7,9/2 * * * *",
        "0 0 L-30W * *",
        "0 0 L-00 * *",
        "0 0 1w JAN,feb-Apr mon-FRI",
        "0 0 * * fril",
        "0 0 * * 7#5",
        "5-5 * * * *",
        "0 0 31-1 12-1 SAT-1/7",
        "H H H H H",
        "H/15 * * * *",
        "h h h h h h",
        "@EVERY_second",
        " \t@Yearly\t ",
        "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1 * * * *"}) {
    EXPECT_EQ(problem_of(text), "") << text;
  }
}

TEST(CronGrammar, MacrosAreAbbreviations) {
  const std::vector<std::pair<const char*, const char*>> macros = {
      {"@every_second", "* * * * * *"}, {"@every_minute", "* * * * *"}, {"@hourly", "0 * * * *"},
      {"@daily", "0 0 * * *"},          {"@midnight", "0 0 * * *"},     {"@weekly", "0 0 * * 0"},
      {"@monthly", "0 0 1 * *"},        {"@yearly", "0 0 1 1 *"},       {"@annually", "0 0 1 1 *"}};
  for (const auto& [macro, meaning] : macros) {
    EXPECT_TRUE(Cron::parse(macro) == Cron::parse(meaning)) << macro;
    EXPECT_EQ(Cron::parse(macro).text(), macro);
  }
  EXPECT_THAT(problem_of("@fortnightly"),
              AllOf(HasSubstr("\"@fortnightly\""), HasSubstr("@every_second, @every_minute")));
  EXPECT_THAT(problem_of("@daily @daily"), HasSubstr("no macro"));
  EXPECT_THAT(problem_of("@"), HasSubstr("no macro"));
}

TEST(CronGrammar, CountsFields) {
  for (const char* text : {"", " ", "\t "}) EXPECT_THAT(problem_of(text), HasSubstr("is empty"));
  EXPECT_THAT(problem_of("*"), HasSubstr("has 1 field; write 5"));
  EXPECT_THAT(problem_of("* * * *"), HasSubstr("has 4 fields; write 5"));
  EXPECT_THAT(problem_of("* * * * * * *"), HasSubstr("has 7 fields; write 5"));
  EXPECT_THAT(problem_of("*\n* * * *"), HasSubstr("has 4 fields"));
}

struct Mistake {
  const char* text;
  const char* field;    // as it is written
  const char* problem;  // with the range
};

constexpr std::array mistakes = {
    // Values.
    Mistake{"60 * * * *", "minute \"60\"", "\"60\" is not a value in 0-59"},
    Mistake{"60 * * * * *", "second \"60\"", "\"60\" is not a value in 0-59"},
    Mistake{"* 24 * * *", "hour \"24\"", "\"24\" is not a value in 0-23"},
    Mistake{"* * 0 * *", "day-of-month \"0\"", "\"0\" is not a value in 1-31"},
    Mistake{"* * 32 * *", "day-of-month \"32\"", "\"32\" is not a value in 1-31"},
    Mistake{"* * * 0 *", "month \"0\"", "\"0\" is not a value in 1-12 or JAN-DEC"},
    Mistake{"* * * 13 *", "month \"13\"", "\"13\" is not a value in 1-12 or JAN-DEC"},
    Mistake{"* * * * 8", "day-of-week \"8\"", "\"8\" is not a value in 0-7 or SUN-SAT"},
    Mistake{"005 * * * *", "minute \"005\"", "\"005\" is not a value in 0-59"},
    Mistake{"99999999999999999999 * * * *", "minute", "is not a value in 0-59"},
    Mistake{"-1 * * * *", "minute \"-1\"", "\"-\" is not a value in 0-59"},
    Mistake{"1--2 * * * *", "minute \"1--2\"", "\"-\" is not a value in 0-59"},
    Mistake{", * * * *", "minute \",\"", "\",\" is not a value in 0-59"},
    Mistake{"5, * * * *", "minute \"5,\"", "a value in 0-59 is missing at its end"},
    Mistake{"5- * * * *", "minute \"5-\"", "a value in 0-59 is missing at its end"},
    Mistake{"MON * * * *", "minute \"MON\"", "\"MON\" is not a value in 0-59"},
    Mistake{"* * MON * *", "day-of-month \"MON\"", "\"MON\" is not a value in 1-31"},
    Mistake{"* * * MON *", "month \"MON\"", "\"MON\" is not a value in 1-12 or JAN-DEC"},
    Mistake{"* * * * JAN", "day-of-week \"JAN\"", "\"JAN\" is not a value in 0-7 or SUN-SAT"},
    Mistake{"* * * * L", "day-of-week \"L\"", "\"L\" is not a value in 0-7 or SUN-SAT"},
    Mistake{"* L * * *", "hour \"L\"", "\"L\" is not a value in 0-23"},
    Mistake{"* * W * *", "day-of-month \"W\"", "\"W\" is not a value in 1-31"},
    Mistake{"* * * * SU", "day-of-week \"SU\"", "\"SU\" is not a value in 0-7 or SUN-SAT"},
    // Steps.
    Mistake{"*/0 * * * *", "minute \"*/0\"", "\"0\" is not a step in 1-59"},
    Mistake{"*/60 * * * *", "minute \"*/60\"", "\"60\" is not a step in 1-59"},
    Mistake{"*/ * * * *", "minute \"*/\"", "a step in 1-59 is missing at its end"},
    Mistake{"1/k * * * *", "minute \"1/k\"", "\"k\" is not a step in 1-59"},
    Mistake{"* 1-2/24 * * *", "hour \"1-2/24\"", "\"24\" is not a step in 1-23"},
    Mistake{"* * */32 * *", "day-of-month \"*/32\"", "\"32\" is not a step in 1-31"},
    Mistake{"* * * */13 *", "month \"*/13\"", "\"13\" is not a step in 1-12"},
    Mistake{"* * * * */8", "day-of-week \"*/8\"", "\"8\" is not a step in 1-7"},
    Mistake{"* * * * 1/MON", "day-of-week \"1/MON\"", "\"MON\" is not a step in 1-7"},
    // Specialities.
    Mistake{"* * L-31 * *", "day-of-month \"L-31\"", "\"31\" is not a number of days"},
    Mistake{"* * L- * *", "day-of-month \"L-\"",
            "days before the last one in 0-30 is missing at its end"},
    Mistake{"* * * * 5#6", "day-of-week \"5#6\"", "\"6\" is not a week of the month in 1-5"},
    Mistake{"* * * * 5#0", "day-of-week \"5#0\"", "\"0\" is not a week of the month in 1-5"},
    Mistake{"* * * * 5#", "day-of-week \"5#\"", "a week of the month in 1-5 is missing at its end"},
    // What comes too much.
    Mistake{"1k * * * *", "minute \"1k\"", "\"k\" cannot stand there; allowed are 0-59"},
    Mistake{"*5 * * * *", "minute \"*5\"", "\"5\" cannot stand there; allowed are 0-59"},
    Mistake{"*,5 * * * *", "minute \"*,5\"", "\",\" cannot stand there"},
    Mistake{"5/2/3 * * * *", "minute \"5/2/3\"", "\"/\" cannot stand there"},
    Mistake{"1-2-3 * * * *", "minute \"1-2-3\"", "\"-\" cannot stand there"},
    Mistake{"H,5 * * * *", "minute \"H,5\"", "\",\" cannot stand there"},
    Mistake{"* * 1-2W * *", "day-of-month \"1-2W\"", "\"W\" cannot stand there"},
    Mistake{"* * 1,2W * *", "day-of-month \"1,2W\"", "\"W\" cannot stand there"},
    Mistake{"* * 1W,2 * *", "day-of-month \"1W,2\"", "\",\" cannot stand there"},
    Mistake{"* * 1/2W * *", "day-of-month \"1/2W\"", "\"W\" cannot stand there"},
    Mistake{"* * L,1 * *", "day-of-month \"L,1\"", "nW stand alone"},
    Mistake{"* * LWW * *", "day-of-month \"LWW\"", "\"W\" cannot stand there"},
    Mistake{"* * * * MON#1,TUE", "day-of-week \"MON#1,TUE\"", "nL and n#k stand alone"},
    Mistake{"* * * * MON-FRIL", "day-of-week \"MON-FRIL\"", "\"L\" cannot stand there"},
    Mistake{"* * * * SUNDAY", "day-of-week \"SUNDAY\"", "\"DAY\" cannot stand there"},
    Mistake{"* * * * SUN#05#", "day-of-week \"SUN#05#\"", "\"#\" cannot stand there"},
    Mistake{"5#3 * * * *", "minute \"5#3\"", "\"#\" cannot stand there"},
    Mistake{"5L * * * *", "minute \"5L\"", "\"L\" cannot stand there"},
};

TEST(CronGrammar, RefusesWithFieldTextAndRange) {
  for (const Mistake& mistake : mistakes) {
    EXPECT_THAT(problem_of(mistake.text),
                AllOf(HasSubstr("cron expression \"" + std::string{mistake.text} + '"'),
                      HasSubstr(mistake.field), HasSubstr(mistake.problem)));
  }
}

TEST(CronGrammar, AnyBytesAreAnswered) {
  EXPECT_NE(problem_of(std::string_view{"\0 * * * *", 9}), "");
  EXPECT_NE(problem_of("\xff\xfe * * * *"), "");
  EXPECT_NE(problem_of("* * * * *\n"), "");
  EXPECT_LT(problem_of(std::string(100'000, '9') + " * * * *").size(), 600U);
  // Every text of three characters of the grammar's own, as each of the fields.
  constexpr std::string_view alphabet = "0579*?,-/LWH#@ \tM";
  int accepted = 0;
  for (const char a : alphabet) {
    for (const char b : alphabet) {
      for (const char c : alphabet) {
        const std::string word{a, b, c};
        for (const std::string& text :
             {word + " * * * *", "* " + word + " * * *", "* * " + word + " * *",
              "* * * " + word + " *", "* * * * " + word, word}) {
          accepted += problem_of(text).empty() ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace portfire
