// What a run does that finds an archive there already; and the trouble it may meet.

#include <gtest/gtest.h>

#include <fstream>

#include "archive/decompress.hpp"
#include "archive/sandbox.hpp"

namespace archive::testing {
namespace {

namespace fs = std::filesystem;

class Rerun : public ::testing::Test {
 protected:
  void SetUp() override {
    sandbox.fill(20);
    ASSERT_EQ(sandbox.run(), 0) << sandbox.output();
    ASSERT_NO_FATAL_FAILURE(sandbox.expect_finished());
  }

  // Runs again and tells how many files were archived anew, from the summary.
  std::size_t run_again() {
    EXPECT_EQ(sandbox.run(), 0) << sandbox.output();
    sandbox.expect_finished();
    const std::string output = sandbox.output();
    const auto end = output.find(" of them archived by this run");
    EXPECT_NE(end, std::string::npos) << output;
    return std::stoul(output.substr(output.rfind('\n', end) + 1));
  }

  Sandbox sandbox{1};
};

TEST_F(Rerun, ArchivesNothingWhenNothingHasChanged) {
  EXPECT_EQ(run_again(), 0U);
  EXPECT_EQ(run_again(), 0U);
}

TEST_F(Rerun, ArchivesWhatHasChangedOrIsNew) {
  sandbox.write("notes", "other words");
  sandbox.write("new/file", "quite new");
  EXPECT_EQ(run_again(), 2U);
}

TEST_F(Rerun, ArchivesACopyAgainThatIsGone) {
  fs::remove(sandbox.copy_of("large"));
  EXPECT_EQ(run_again(), 1U);
}

TEST_F(Rerun, ArchivesAFormerVersionAgainWhenItComesBack) {
  const fs::path file = sandbox.source() / "notes";
  const fs::path aside = sandbox.source() / ".git" / "aside";
  const std::string before = sandbox.files().at("notes");
  fs::rename(file, aside);
  sandbox.write("notes", "other words");
  EXPECT_EQ(run_again(), 1U);
  fs::rename(aside, file);  // its date comes with it

  EXPECT_EQ(sandbox.run(), 0) << sandbox.output();

  EXPECT_EQ(decompress(sandbox.copy_of("notes")), before);
}

TEST_F(Rerun, WritesTheManifestAgain) {
  fs::remove(sandbox.archive() / "manifest.txt");
  EXPECT_EQ(run_again(), 0U);
}

TEST_F(Rerun, RemovesWhatAKilledRunWasWriting) {
  std::ofstream{sandbox.archive() / "partial" / "half"} << "written";
  EXPECT_EQ(run_again(), 0U);
}

TEST_F(Rerun, RefusesTheArchiveOfAnotherDirectory) {
  std::ofstream{sandbox.archive() / "directory.txt"} << "/somewhere/else\n";
  EXPECT_EQ(sandbox.run(), 1);
  EXPECT_NE(sandbox.output().find("is the archive of /somewhere/else"), std::string::npos)
      << sandbox.output();
}

TEST(Archive, ReportsWhatItCannotArchiveAndArchivesTheRest) {
  Sandbox sandbox{2};
  sandbox.write("fine", "fine");
  const std::string name(255, 'n');
  std::ofstream{sandbox.source() / name} << "no room for `.zst`";

  EXPECT_EQ(sandbox.run(), 1);

  EXPECT_NE(sandbox.output().find("1 could not be archived:\n  " + name), std::string::npos)
      << sandbox.output();
  sandbox.expect_finished();
}

TEST(Archive, OfAnEmptyDirectoryIsEmpty) {
  Sandbox sandbox{3};
  EXPECT_EQ(sandbox.run(), 0) << sandbox.output();
  sandbox.expect_finished();
}

}  // namespace
}  // namespace archive::testing
