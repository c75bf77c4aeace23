// Schemas: made, recognised, refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include <portfire/error.hpp>
#include <portfire/sqlite.hpp>

#include "support/temporary_directory.hpp"
#include "unit/storage/sqlite/inspection.hpp"

namespace portfire::sqlite {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SqliteSchema : public ::testing::Test {
 protected:
  std::filesystem::path file() { return directory_.path() / "jobs.db"; }

  static std::string complaint(const std::filesystem::path& path, Options options = {}) {
    try {
      open(path, std::move(options));
    } catch (const StorageError& error) {
      return error.what();
    }
    return "opened";
  }

 private:
  TemporaryDirectory directory_;
};

TEST_F(SqliteSchema, AFileThatDoesNotExistHasVersionZero) {
  EXPECT_EQ(schema_version(file()), 0);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(SqliteSchema, MigratingBringsAFileToTheNewestVersion) {
  migrate(file());
  EXPECT_EQ(schema_version(file()), schema_version());
  migrate(file());
  EXPECT_EQ(schema_version(file()), schema_version());
}

TEST_F(SqliteSchema, OpeningMigratesUnlessToldOtherwise) {
  EXPECT_THAT(complaint(file(), {.migrate = false}),
              AllOf(HasSubstr("does not exist"), HasSubstr("portfire migrate")));
  EXPECT_EQ(complaint(file()), "opened");
  EXPECT_EQ(complaint(file(), {.migrate = false}), "opened");
}

TEST_F(SqliteSchema, ANewerOneIsRefusedWithBothVersionsAndTheCure) {
  migrate(file());
  Inspection{file()}.execute("PRAGMA user_version = 4711");
  const auto expected = AllOf(HasSubstr("4711"), HasSubstr(std::to_string(schema_version())),
                              HasSubstr("use a Portfire at least as new"));
  EXPECT_THAT(complaint(file()), expected);
  EXPECT_THAT(complaint(file(), {.migrate = false}), expected);
  EXPECT_THROW(migrate(file()), StorageError);
  EXPECT_EQ(schema_version(file()), 4711);
}

TEST_F(SqliteSchema, ManyMayMigrateAtTheSameTime) {
  std::atomic<int> opened{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      open(file())->monitoring().statistics();
      ++opened;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 4);
  EXPECT_EQ(Inspection{file()}.check(), "ok");
}

TEST_F(SqliteSchema, TheFileSaysWhoseItIs) {
  migrate(file());
  EXPECT_EQ(Inspection{file()}.number("PRAGMA application_id"), 0x50464952);
  EXPECT_EQ(Inspection{file()}.text("PRAGMA journal_mode"), "wal");
}

}  // namespace
}  // namespace portfire::sqlite
