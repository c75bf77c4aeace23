#include "crash/crash_file.hpp"

#include <unistd.h>

#include <fstream>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_directory.hpp"

namespace portfire::crash::crash_file_test {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ServerId first{1, 1};
constexpr ServerId second{2, 2};
constexpr const char* some_record = "portfire crash 1\nsignal 11\nlisted\nend\n";

class CrashFiles : public ::testing::Test {
 protected:
  std::string directory() const { return directory_.path() / "crashes"; }
  std::vector<FoundRecord> take() { return take_records(directory(), log_); }
  // Its server is dead: nobody holds a lock.
  fs::path leave(const std::string& name, const std::string& text) {
    fs::create_directories(directory());
    std::ofstream{directory() + "/" + name} << text;
    return directory() + "/" + name;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& each : fs::directory_iterator{directory()}) {
      all.push_back(each.path().filename());
    }
    return all;
  }

  const TemporaryDirectory directory_;
  std::vector<std::string> warnings_;
  const LogSink log_ = [this](LogLevel, std::string_view line) { warnings_.emplace_back(line); };
};

TEST_F(CrashFiles, OfALivingServerAreLeftAlone) {
  CrashFile file{directory(), first};
  EXPECT_THAT(names(), ElementsAre(to_string(first) + ".crash"));
  ASSERT_EQ(write(file.descriptor(), some_record, 10), 10);
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_TRUE(has_file(directory(), first));
  EXPECT_FALSE(has_file(directory(), second));
  file.rename(second);
  EXPECT_THAT(names(), ElementsAre(to_string(second) + ".crash"));
  EXPECT_TRUE(has_file(directory(), second));
}

TEST_F(CrashFiles, GoWithServersThatEndWell) {
  {
    const CrashFile file{directory(), first};
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(CrashFiles, OfServersThatDiedWithoutARecordAreRemoved) {
  leave(to_string(first) + ".crash", "");
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(CrashFiles, AreTakenByOneReaderOnly) {
  leave(to_string(first) + ".crash", some_record);
  const auto taken = take();
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].server, first);
  EXPECT_EQ(taken[0].record.signal, 11);
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_TRUE(has_file(directory(), first));
  taken[0].remove();
  EXPECT_FALSE(has_file(directory(), first));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(CrashFiles, GoToTheNextReaderWhenTheFirstOneDies) {
  leave(to_string(first) + ".crash", some_record);
  EXPECT_THAT(take(), SizeIs(1));
  EXPECT_TRUE(has_file(directory(), first)) << "nobody has dealt with it";
  EXPECT_THAT(take(), SizeIs(1));
}

TEST_F(CrashFiles, ThatCannotBeReadArePutAsideOnce) {
  leave("a.crash", "garbage");
  leave("b.crash", std::string(100'000, '\0'));
  leave("notes.txt", "of no interest");
  fs::create_directories(directory() + "/directory.crash");
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_THAT(names(), ::testing::UnorderedElementsAre("a.crash.unreadable", "b.crash.unreadable",
                                                       "notes.txt", "directory.crash"));
  EXPECT_THAT(warnings_,
              ::testing::UnorderedElementsAre(HasSubstr("a.crash"), HasSubstr("b.crash")));
  warnings_.clear();
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(CrashFiles, ADirectoryThatIsNotThereHasNone) { EXPECT_THAT(take(), IsEmpty()); }

TEST_F(CrashFiles, ADirectoryThatCannotBeMadeIsToldByAnException) {
  const fs::path file = leave("file", "");
  EXPECT_THROW((CrashFile{file.string(), first}), std::system_error);
}

}  // namespace
}  // namespace portfire::crash::crash_file_test
