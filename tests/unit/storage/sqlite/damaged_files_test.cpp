// Files that are no Portfire database, or cannot be used as one: each gets a clear answer.

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include <portfire/error.hpp>
#include <portfire/sqlite.hpp>

#include "support/temporary_directory.hpp"
#include "unit/storage/sqlite/inspection.hpp"

namespace portfire::sqlite {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SqliteFiles : public ::testing::Test {
 protected:
  std::filesystem::path file() { return directory_.path() / "jobs.db"; }
  const std::filesystem::path& directory() { return directory_.path(); }

  void write(const std::string& content) { std::ofstream{file(), std::ios::binary} << content; }

  // What opening says; "opened" if nothing.
  static std::string complaint(const std::filesystem::path& path, Options options = {}) {
    try {
      open(path, std::move(options));
    } catch (const StorageError& error) {
      EXPECT_FALSE(error.retryable()) << error.what();
      return error.what();
    }
    return "opened";
  }

 private:
  TemporaryDirectory directory_;
};

TEST_F(SqliteFiles, AreCreatedWhereThereAreNone) { EXPECT_EQ(complaint(file()), "opened"); }

TEST_F(SqliteFiles, MayBeEmpty) {
  write("");
  EXPECT_EQ(complaint(file()), "opened");
}

TEST_F(SqliteFiles, MayHaveNamesWithSpacesAndQuotes) {
  EXPECT_EQ(complaint(directory() / "my jobs' \"db\" ?x=1.db"), "opened");
}

TEST_F(SqliteFiles, AreNotDirectories) {
  EXPECT_THAT(complaint(directory()), AllOf(HasSubstr(directory()), HasSubstr("is a directory")));
}

TEST_F(SqliteFiles, NeedADirectoryThatExists) {
  EXPECT_THAT(complaint(directory() / "nowhere" / "jobs.db"),
              AllOf(HasSubstr("no directory"), HasSubstr("nowhere"), HasSubstr("create it first")));
}

TEST_F(SqliteFiles, NeedAName) { EXPECT_THAT(complaint(""), HasSubstr("has no name")); }

TEST_F(SqliteFiles, AreNotSpecial) {
  EXPECT_THAT(complaint("/dev/null"), HasSubstr("not a regular file"));
}

TEST_F(SqliteFiles, OfAnotherFormatAreRefusedAndLeftAlone) {
  const std::string content = "This is a letter, and a long enough one, too.";
  write(content);
  EXPECT_THAT(complaint(file()), AllOf(HasSubstr(file()), HasSubstr("not an SQLite database"),
                                       HasSubstr("choose another file")));
  std::ifstream stream{file()};
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>{stream}, {}), content);
}

TEST_F(SqliteFiles, ThatAreShortAreRefusedToo) {
  write("x");
  EXPECT_THAT(complaint(file()), HasSubstr("not an SQLite database"));
}

TEST_F(SqliteFiles, OfAnotherApplicationAreRefusedAndLeftAlone) {
  Inspection{file()}.execute("CREATE TABLE diary (day TEXT)");
  EXPECT_THAT(complaint(file()), HasSubstr("database of another application"));
  EXPECT_EQ(Inspection{file()}.number("SELECT count(*) FROM sqlite_schema"), 1);
}

TEST_F(SqliteFiles, ThatAreCutOffAreCalledDamaged) {
  open(file());
  std::filesystem::resize_file(file(), std::filesystem::file_size(file()) / 2);
  EXPECT_THAT(complaint(file()), AllOf(HasSubstr(file()), HasSubstr("damaged")));
}

TEST_F(SqliteFiles, OptionsOutOfRangeAreMistakesOfTheCaller) {
  EXPECT_THROW(open(file(), {.cache_kib = 63}), UsageError);
  EXPECT_THROW(open(file(), {.cache_kib = 4'194'305}), UsageError);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

// Runs `body` as a user without rights, in a child process, because permissions do not bind root.
// Returns what it says.
template <class Body>
std::string as_nobody(Body body) {
  constexpr uid_t nobody = 65534;
  int channel[2];
  if (::pipe(channel) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::string answer = "cannot give up rights";
    if (::geteuid() != 0 || (::setgid(nobody) == 0 && ::setuid(nobody) == 0)) answer = body();
    const auto written = ::write(channel[1], answer.data(), answer.size());
    ::_exit(written < 0 ? 1 : 0);
  }
  ::close(channel[1]);
  std::string answer;
  char part[256];
  for (ssize_t n = 0; (n = ::read(channel[0], part, sizeof part)) > 0;) {
    answer.append(part, static_cast<std::size_t>(n));
  }
  ::close(channel[0]);
  if (child < 0) return "no process";
  ::waitpid(child, nullptr, 0);
  return answer;
}

TEST_F(SqliteFiles, ThatMayOnlyBeReadAreRefused) {
  open(file());
  for (const char* suffix : {"", "-lock", "-wakeup"}) {
    std::filesystem::path one = file();
    one += suffix;
    // The files beside it may be written: it is the database itself that may not.
    ::chmod(one.c_str(), *suffix == '\0' ? 0444 : 0666);
  }
  ::chmod(directory().c_str(), 0777);
  EXPECT_THAT(as_nobody([&] { return complaint(file()); }),
              AllOf(HasSubstr(file()), HasSubstr("permission")));
}

TEST_F(SqliteFiles, InDirectoriesThatMayOnlyBeReadAreRefused) {
  ::chmod(directory().c_str(), 0555);
  EXPECT_THAT(as_nobody([&] { return complaint(file()); }),
              AllOf(HasSubstr("jobs.db"), HasSubstr("may write to")));
  ::chmod(directory().c_str(), 0755);
}

}  // namespace
}  // namespace portfire::sqlite
