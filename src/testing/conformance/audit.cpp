// The audit log.

#include <algorithm>
#include <cstdlib>

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;

void keep_audit() {}

namespace {

AuditEntry deed(std::string actor, std::string action = "jobs.requeue", std::string target = "1") {
  return {.actor = std::move(actor), .action = std::move(action), .target = std::move(target)};
}

std::vector<std::uint64_t> numbers_of(const std::vector<AuditEntry>& entries) {
  std::vector<std::uint64_t> numbers;
  for (const AuditEntry& entry : entries) numbers.push_back(entry.number);
  return numbers;
}

using Entries = std::vector<std::uint64_t>;

// Records so many entries, of several threads at once.
void record_from_threads(Storage& storage, std::uint64_t threads, std::uint64_t each) {
  std::vector<std::unique_ptr<Task>> tasks;
  for (std::uint64_t thread = 0; thread < threads; ++thread) {
    tasks.push_back(storage.runtime()->spawn("recording", [&storage, each] {
      for (std::uint64_t made = 0; made < each; ++made) storage.coordination().record(deed("ann"));
    }));
  }
  for (const auto& task : tasks) task->join();
}

}  // namespace

TEST_P(Audit, AnEmptyLogHasNoEntries) { EXPECT_TRUE(monitoring().audit({}).empty()); }

TEST_P(Audit, AnEntryIsKeptAsItWasRecorded) {
  const TimePoint before = now();
  AuditEntry entry{.number = 77,
                   .at = before - 24h,
                   .actor = "ann@example.com",
                   .action = "jobs.delete",
                   .target = "01930f3c",
                   .reason = "not wanted, \"really\"",
                   .outcome = "refused"};
  EXPECT_EQ(coordination().record(entry), 1U);
  const std::vector<AuditEntry> entries = monitoring().audit({});
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_GE(entries[0].at, before);
  EXPECT_LE(entries[0].at, now());
  entry.number = 1;
  entry.at = entries[0].at;
  EXPECT_EQ(entries[0], entry);
}

TEST_P(Audit, NumbersGrowByOneAndTheNewestComesFirst) {
  for (std::uint64_t number = 1; number <= 5; ++number) {
    EXPECT_EQ(coordination().record(deed("ann")), number);
    advance(1s);
  }
  const std::vector<AuditEntry> entries = monitoring().audit({});
  EXPECT_EQ(numbers_of(entries), (Entries{5, 4, 3, 2, 1}));
  EXPECT_TRUE(std::ranges::is_sorted(entries, std::ranges::greater{}, &AuditEntry::at));
}

TEST_P(Audit, AListIsReadInPages) {
  for (int made = 0; made < 5; ++made) coordination().record(deed("ann"));
  EXPECT_EQ(numbers_of(monitoring().audit({.limit = 2})), (Entries{5, 4}));
  EXPECT_EQ(numbers_of(monitoring().audit({.before = 4, .limit = 2})), (Entries{3, 2}));
  EXPECT_EQ(numbers_of(monitoring().audit({.before = 2, .limit = 2})), (Entries{1}));
  EXPECT_TRUE(monitoring().audit({.before = 1, .limit = 2}).empty());
  EXPECT_EQ(numbers_of(monitoring().audit({.before = 1'000'000, .limit = 2})), (Entries{5, 4}));
  EXPECT_TRUE(monitoring().audit({.limit = 0}).empty());
}

TEST_P(Audit, FiltersByActorActionAndTarget) {
  coordination().record(deed("ann", "jobs.requeue", "1"));
  coordination().record(deed("ann", "jobs.delete", "2"));
  coordination().record(deed("bob", "jobs.delete", "1"));
  EXPECT_EQ(numbers_of(monitoring().audit({.actor = "ann"})), (Entries{2, 1}));
  EXPECT_EQ(numbers_of(monitoring().audit({.action = "jobs.delete"})), (Entries{3, 2}));
  EXPECT_EQ(numbers_of(monitoring().audit({.target = "1"})), (Entries{3, 1}));
  EXPECT_EQ(numbers_of(monitoring().audit({.action = "jobs.delete", .target = "1"})), (Entries{3}));
  EXPECT_EQ(numbers_of(monitoring().audit({.before = 2, .actor = "ann"})), (Entries{1}));
  EXPECT_EQ(numbers_of(monitoring().audit({.limit = 1, .target = "1"})), (Entries{3}));
  EXPECT_TRUE(monitoring().audit({.actor = "an"}).empty());
}

TEST_P(Audit, ARareEntryIsFoundBehindManyOthers) {
  coordination().record(deed("ann"));
  for (int made = 0; made < 1100; ++made) coordination().record(deed("bob"));
  EXPECT_EQ(numbers_of(monitoring().audit({.actor = "ann"})), (Entries{1}));
  EXPECT_EQ(monitoring().audit({.limit = 1101}).size(), 1101U);
}

TEST_P(Audit, AnOutcomeIsSetAfterwards) {
  const std::uint64_t first = coordination().record(deed("ann"));
  const std::uint64_t second = coordination().record(deed("bob"));
  coordination().conclude(first, "done");
  EXPECT_EQ(monitoring().audit({.actor = "ann"}).at(0).outcome, "done");
  EXPECT_EQ(monitoring().audit({.actor = "bob"}).at(0).outcome, "");
  coordination().conclude(second, "refused: it runs");
  coordination().conclude(second, "done");
  EXPECT_EQ(monitoring().audit({.actor = "bob"}).at(0).outcome, "done");
}

TEST_P(Audit, ConcludingChangesNothingElse) {
  AuditEntry entry = deed("ann");
  entry.reason = "why";
  const std::uint64_t number = coordination().record(entry);
  AuditEntry expected = monitoring().audit({}).at(0);
  advance(1h);
  coordination().conclude(number, "done");
  expected.outcome = "done";
  EXPECT_EQ(monitoring().audit({}).at(0), expected);
}

TEST_P(Audit, ConcludingAnEntryThatDoesNotExistDoesNothing) {
  coordination().record(deed("ann"));
  coordination().conclude(0, "done");
  coordination().conclude(2, "done");
  EXPECT_EQ(monitoring().audit({}).at(0).outcome, "");
  EXPECT_EQ(monitoring().audit({}).size(), 1U);
}

TEST_P(Audit, LongTextsAreCutBetweenCharacters) {
  const std::string umlaut = "\xC3\xA4";
  const auto fill = [](std::size_t bytes) { return std::string(bytes, 'x'); };
  const AuditEntry entry{.actor = fill(201),
                         .action = fill(199) + umlaut,
                         .target = fill(198) + umlaut + "x",
                         .reason = fill(999) + umlaut,
                         .outcome = fill(2000)};
  const std::uint64_t number = coordination().record(entry);
  AuditEntry kept = monitoring().audit({}).at(0);
  EXPECT_EQ(kept.actor, fill(200));
  EXPECT_EQ(kept.action, fill(199));
  EXPECT_EQ(kept.target, fill(198) + umlaut);
  EXPECT_EQ(kept.reason, fill(999));
  EXPECT_EQ(kept.outcome, fill(1000));
  coordination().conclude(number, fill(999) + umlaut);
  EXPECT_EQ(monitoring().audit({}).at(0).outcome, fill(999));
}

TEST_P(Audit, ManyRecordAtTheSameTime) {
  constexpr std::uint64_t threads = 4;
  constexpr std::uint64_t each = 25;
  record_from_threads(storage(), threads, each);
  Entries expected;
  for (std::uint64_t number = threads * each; number > 0; --number) expected.push_back(number);
  EXPECT_EQ(numbers_of(monitoring().audit({.limit = 1000})), expected);
}

// Takes a while on a database: what goes is what has become one too many.
TEST_P(Audit, TheLatestAreKept) {
  constexpr std::uint64_t threads = 8;
  constexpr std::uint64_t more = 8;
  const bool whole = !storage().capabilities().durable || std::getenv("PORTFIRE_AUDIT") != nullptr;
  if (!whole) GTEST_SKIP() << "set PORTFIRE_AUDIT to record as many as are kept";
  record_from_threads(storage(), threads, (audit_entries_kept + more) / threads);
  EXPECT_EQ(numbers_of(monitoring().audit({.before = more + 3})), (Entries{more + 2, more + 1}));
  coordination().conclude(more, "done");
  EXPECT_EQ(monitoring().audit({.limit = audit_entries_kept + more}).size(), audit_entries_kept);
}

TEST_P(Audit, TheLogOutlivesItsStorage) {
  PORTFIRE_CONFORMANCE_NEEDS(durable);
  coordination().record(deed("ann"));
  reopen();
  EXPECT_EQ(coordination().record(deed("bob")), 2U);
  EXPECT_EQ(numbers_of(monitoring().audit({})), (Entries{2, 1}));
}

}  // namespace portfire::conformance
