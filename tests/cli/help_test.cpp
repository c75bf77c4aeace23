// --help says enough, and a slip of the fingers is answered with a way out.

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Help : public ProgramTest {};

TEST_F(Help, NamesCommandsStoragesAndExitCodes) {
  const Finished finished = run({"--help"});
  EXPECT_EQ(finished.code, 0);
  for (const char* word : {"enqueue", "jobs", "queues", "servers", "stats", "migrate", "bench",
                           "cron", "sqlite:jobs.db", "PORTFIRE_STORAGE", "Exit codes:", "  5  "}) {
    EXPECT_THAT(finished.out, HasSubstr(word));
  }
  EXPECT_EQ(finished.err, "");
}

TEST_F(Help, HasExamplesForEveryCommand) {
  const std::vector<Arguments> commands = {{"enqueue"},
                                           {"jobs", "list"},
                                           {"jobs", "show"},
                                           {"jobs", "requeue"},
                                           {"jobs", "delete"},
                                           {"jobs", "reschedule"},
                                           {"jobs", "wait"},
                                           {"queues", "list"},
                                           {"queues", "pause"},
                                           {"queues", "resume"},
                                           {"servers"},
                                           {"stats"},
                                           {"jobs", "move"},
                                           {"servers", "stop"},
                                           {"audit"},
                                           {"migrate"},
                                           {"bench"}};
  for (Arguments command : commands) {
    const std::string example = "  portfire " + command.front();
    command.emplace_back("--help");
    const Finished finished = run_with("", command);
    EXPECT_EQ(finished.code, 0);
    EXPECT_THAT(finished.out, AllOf(HasSubstr("Examples:"), HasSubstr(example),
                                    HasSubstr("--storage URL"), HasSubstr("--json")));
  }
}

TEST_F(Help, TellsTheVersion) {
  const Finished finished = run({"--version"});
  EXPECT_EQ(finished.code, 0);
  EXPECT_THAT(finished.out, ::testing::MatchesRegex("portfire [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(Help, IsPointedToWhenNoCommandIsGiven) {
  const Finished nothing = run({});
  EXPECT_EQ(nothing.code, 2);
  EXPECT_EQ(nothing.out, "");
  EXPECT_THAT(nothing.err, AllOf(HasSubstr("portfire: a command is missing"), HasSubstr("enqueue"),
                                 HasSubstr("see portfire --help")));
  const Finished half = run({"jobs"});
  EXPECT_EQ(half.code, 2);
  EXPECT_THAT(half.err, AllOf(HasSubstr("after \"portfire jobs\""), HasSubstr("list, show"),
                              HasSubstr("see portfire jobs --help")));
}

TEST_F(Help, CorrectsUnknownWords) {
  const Finished command = run({"enqeue", "work"});
  EXPECT_EQ(command.code, 2);
  EXPECT_THAT(command.err, HasSubstr("unknown command \"enqeue\"; did you mean \"enqueue\"?"));
  const Finished nested = run({"jobs", "lst"});
  EXPECT_EQ(nested.code, 2);
  EXPECT_THAT(nested.err, HasSubstr("unknown command \"lst\"; did you mean \"list\"?"));
  const Finished option = run({"jobs", "list", "--sate", "Failed"});
  EXPECT_EQ(option.code, 2);
  EXPECT_THAT(option.err, AllOf(HasSubstr("unknown option \"--sate\"; did you mean \"--state\"?"),
                                HasSubstr("see portfire jobs list --help")));
}

}  // namespace
}  // namespace portfire::cli
