// The audit log where it is full, and how large tables are.

#include <algorithm>

#include "unit/storage/postgresql/one_server.hpp"

namespace portfire::postgresql {
namespace {

using AuditTable = OneServer;

TEST_F(AuditTable, KeepsTheLatestEntries) {
  installation_.execute(
      "INSERT INTO :schema.audit SELECT n, now(), '', '', '', '', '' FROM generate_series(1, " +
      std::to_string(audit_entries_kept) + ") n");
  installation_.execute("UPDATE :schema.audit_number SET last = " +
                        std::to_string(audit_entries_kept));
  EXPECT_EQ(storage_->coordination().record({.actor = "ann"}), audit_entries_kept + 1);
  EXPECT_EQ(count("audit"), std::to_string(audit_entries_kept));
  EXPECT_EQ(installation_.execute("SELECT min(number) FROM :schema.audit"), "2");
  EXPECT_EQ(storage_->monitoring().audit({.limit = 1}).at(0).actor, "ann");
}

TEST_F(AuditTable, PartitionsAreCountedAsTheirTable) {
  create(job().state(states::succeeded()));
  const std::vector<StoragePart> parts = storage_->monitoring().report().parts;
  const auto has = [&](const std::string& name) {
    return std::ranges::count(parts, name, &StoragePart::name);
  };
  EXPECT_EQ(has("job"), 1);
  EXPECT_EQ(has("finished"), 1);
  EXPECT_EQ(has("audit"), 1);
  EXPECT_FALSE(std::ranges::any_of(
      parts, [](const StoragePart& part) { return part.name.starts_with("finished_2"); }));
}

TEST_F(AuditTable, RowsAreThoseThatTheEngineHasCounted) {
  for (int made = 0; made < 3; ++made) create(job());
  const auto rows_of = [&](const std::string& name) {
    const std::vector<StoragePart> parts = storage_->monitoring().report().parts;
    return std::ranges::find(parts, name, &StoragePart::name)->rows;
  };
  EXPECT_EQ(rows_of("job"), std::nullopt);
  installation_.execute("ANALYZE :schema.job");
  EXPECT_EQ(rows_of("job"), 3U);
}

}  // namespace
}  // namespace portfire::postgresql
