// Naming a storage, and everything that can be wrong with it.

#include <fstream>

#include "cli/program.hpp"

namespace portfire::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class StorageOption : public ProgramTest {};

TEST_F(StorageOption, IsNeeded) {
  const Finished finished = run_with("", {"stats"});
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, AllOf(StartsWith("portfire: no storage is named"),
                                  HasSubstr("--storage"), HasSubstr("PORTFIRE_STORAGE")));
}

TEST_F(StorageOption, WinsOverTheEnvironmentInAnyPlace) {
  storage();
  EXPECT_EQ(run_with("nowhere:at.all", {"stats", "--storage", url()}).code, 0);
  EXPECT_EQ(run_with("nowhere:at.all", {"--storage", url(), "stats"}).code, 0);
  EXPECT_EQ(run_with("nowhere:at.all", {"jobs", "list", "--storage=" + url()}).code, 0);
  EXPECT_EQ(run_with("nowhere:at.all", {"stats"}).code, 2);
}

TEST_F(StorageOption, MustBeAUrlOfAKnownScheme) {
  const Finished unknown = run({"stats", "--storage", "mongo:x"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err,
              AllOf(HasSubstr("\"mongo:x\""), HasSubstr("sqlite, "), HasSubstr(", memory")));
  const Finished malformed = run({"stats", "--storage", "jobs.db"});
  EXPECT_EQ(malformed.code, 2);
  EXPECT_THAT(malformed.err, HasSubstr("does not begin with a scheme"));
  const Finished option = run({"stats", "--storage", url() + "?durable=1"});
  EXPECT_EQ(option.code, 2);
  EXPECT_THAT(option.err, HasSubstr("unknown option \"durable\""));
}

TEST_F(StorageOption, CannotBeTheMemoryOfAnotherProcess) {
  const Finished finished = run({"jobs", "list", "--storage", "memory:"});
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, HasSubstr("within one process"));
}

TEST_F(StorageOption, DoesNotCreateAnything) {
  for (const Arguments& command : {Arguments{"stats"}, Arguments{"enqueue", "work"}}) {
    const Finished finished = run(command);
    EXPECT_EQ(finished.code, 3);
    EXPECT_THAT(finished.err, AllOf(StartsWith("portfire: "), HasSubstr("jobs.db")));
    EXPECT_FALSE(std::filesystem::exists(path("jobs.db")));
  }
}

TEST_F(StorageOption, MayNameSomethingElseThanADatabase) {
  std::ofstream{path("jobs.db")} << std::string(5000, 'x');
  const Finished finished = run({"stats"});
  EXPECT_EQ(finished.code, 3);
  EXPECT_THAT(finished.err, AllOf(StartsWith("portfire: "), HasSubstr("jobs.db")));
}

class Migrate : public ProgramTest {};

TEST_F(Migrate, CreatesTheStorageOnce) {
  const Finished first = run({"migrate"});
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("was created"));
  EXPECT_EQ(run({"stats"}).code, 0);
  const auto second = json_of({"migrate"});
  EXPECT_EQ(second["storage"], url());
  EXPECT_EQ(second["changed"], false);
  EXPECT_EQ(second["from"], second["to"]);
}

TEST_F(Migrate, TellsWhatItDid) {
  const auto report = json_of({"migrate"});
  EXPECT_EQ(report["changed"], true);
  EXPECT_EQ(report["from"], 0);
  EXPECT_GT(report["to"], 0);
}

TEST_F(Migrate, HasNothingToDoForMemory) {
  const Finished finished = run({"migrate", "--storage", "memory:"});
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, HasSubstr("no schema"));
}

TEST_F(Migrate, FailsWhereNothingCanBeWritten) {
  const Finished finished = run({"migrate", "--storage", "sqlite:/nonexistent/place/jobs.db"});
  EXPECT_EQ(finished.code, 3);
  EXPECT_THAT(finished.err, HasSubstr("/nonexistent/place/jobs.db"));
}

}  // namespace
}  // namespace portfire::cli
