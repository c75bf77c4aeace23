// The audit log where it is full.

#include <gtest/gtest.h>

#include <string>

#include <portfire/sqlite.hpp>

#include "support/temporary_directory.hpp"
#include "unit/storage/sqlite/inspection.hpp"

namespace portfire::sqlite {
namespace {

TEST(AuditTable, KeepsTheLatestEntries) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "jobs.db";
  const auto storage = open(file);
  Inspection inspection{file};
  inspection.execute(
      "WITH RECURSIVE series (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM series WHERE n < " +
      std::to_string(audit_entries_kept) +
      ") INSERT INTO audit SELECT n, 0, '', '', '', '', '' FROM series");
  EXPECT_EQ(storage->coordination().record({.actor = "ann"}), audit_entries_kept + 1);
  EXPECT_EQ(inspection.number("SELECT count(*) FROM audit"),
            static_cast<std::int64_t>(audit_entries_kept));
  EXPECT_EQ(inspection.number("SELECT min(number) FROM audit"), 2);
}

}  // namespace
}  // namespace portfire::sqlite
