// URLs of SQLite storages: paths, options, schema.

#include <cstdlib>
#include <filesystem>

#include <portfire/error.hpp>
#include <portfire/open.hpp>
#include <portfire/sqlite.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace portfire {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SqliteUrl : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "portfire-url-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }

  static std::filesystem::path file_of(const std::string& url) {
    const Drivers drivers = all_drivers();
    const StorageUrl parsed = parse_storage_url(url);
    return driver_for(parsed, drivers).file(parsed);
  }

  static std::string open_error(const std::string& url) {
    try {
      open(url, all_drivers());
    } catch (const UsageError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

 private:
  std::filesystem::path directory_;
};

TEST_F(SqliteUrl, NamesAFileRelativeOrAbsolute) {
  EXPECT_EQ(file_of("sqlite:jobs.db"), "jobs.db");
  EXPECT_EQ(file_of("sqlite:some/where.db"), "some/where.db");
  EXPECT_EQ(file_of("sqlite:/var/lib/jobs.db"), "/var/lib/jobs.db");
  EXPECT_EQ(file_of("sqlite:///var/lib/jobs.db"), "/var/lib/jobs.db");
  EXPECT_EQ(file_of("sqlite:a%3Fb.db?durability=full"), "a?b.db");
}

TEST_F(SqliteUrl, CreatesTheFile) {
  const auto storage = open("sqlite://" + path("a b.db"), all_drivers());
  EXPECT_TRUE(storage->capabilities().survives_power_loss);
  EXPECT_TRUE(std::filesystem::exists(path("a b.db")));
}

TEST_F(SqliteUrl, ChoosesDurability) {
  const auto storage =
      open("sqlite:" + path("x.db") + "?durability=normal&cache_kib=64", all_drivers());
  EXPECT_FALSE(storage->capabilities().survives_power_loss);
}

TEST_F(SqliteUrl, RefusesHostsAndMissingFiles) {
  EXPECT_THAT(open_error("sqlite://host/jobs.db"), HasSubstr("has no host"));
  EXPECT_THAT(open_error("sqlite:"), HasSubstr("the path of the file is missing"));
  EXPECT_THAT(open_error("sqlite:/tmp/"), HasSubstr("\"/tmp/\" is a directory"));
}

TEST_F(SqliteUrl, RefusesWrongOptions) {
  EXPECT_THAT(open_error("sqlite:x.db?durability=some"),
              AllOf(HasSubstr("durability is \"some\""), HasSubstr("full, normal")));
  EXPECT_THAT(open_error("sqlite:x.db?cache_kib=1"),
              AllOf(HasSubstr("cache_kib is \"1\""), HasSubstr("from 64 to 4194304")));
  EXPECT_THAT(open_error("sqlite:x.db?cach_kib=64"),
              AllOf(HasSubstr("unknown option \"cach_kib\""), HasSubstr("durability=full|normal"),
                    HasSubstr("sqlite:jobs.db?durability=normal")));
  EXPECT_FALSE(std::filesystem::exists("x.db"));
}

TEST_F(SqliteUrl, MigratesOnlyWhenAskedTo) {
  const std::string url = "sqlite:" + path("jobs.db");
  EXPECT_THROW(open(url, all_drivers(), SchemaPolicy::require), StorageError);
  EXPECT_FALSE(std::filesystem::exists(path("jobs.db")));

  const Drivers drivers = all_drivers();
  const StorageUrl parsed = parse_storage_url(url);
  const SchemaChange first = driver_for(parsed, drivers).migrate(parsed);
  EXPECT_EQ(first.from, 0);
  EXPECT_EQ(first.to, sqlite::schema_version());
  const SchemaChange second = driver_for(parsed, drivers).migrate(parsed);
  EXPECT_EQ(second.from, second.to);
  EXPECT_NE(open(url, all_drivers(), SchemaPolicy::require), nullptr);
}

}  // namespace
}  // namespace portfire
