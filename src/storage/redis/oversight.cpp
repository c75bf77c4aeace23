// The audit log, and how large the storage is.

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "embedded_lua.hpp"
#include "storage/common/audit_texts.hpp"
#include "storage/redis/call.hpp"
#include "storage/redis/coordination.hpp"
#include "storage/redis/layout.hpp"
#include "storage/redis/monitoring.hpp"
#include "storage/redis/packed.hpp"
#include "storage/redis/server_check.hpp"

namespace portfire::redis {

namespace {

// Entries that one call looks at.
constexpr std::uint64_t audit_portion = 1000;

// As scripts/audit.lua packs it.
AuditEntry audit_entry_in(const Reply& number, const Reply& packed) {
  PackedReader bytes{packed.as_text()};
  AuditEntry entry{.number = static_cast<std::uint64_t>(number.as_integer())};
  entry.at = bytes.time();
  for (std::string* text :
       {&entry.actor, &entry.action, &entry.target, &entry.reason, &entry.outcome}) {
    *text = bytes.text(4);
  }
  return entry;
}

std::uint64_t number_named(std::string_view info, std::string_view name) {
  const std::string_view text = info_value(info, name);
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::uint64_t RedisCoordination::record(const AuditEntry& entry) {
  const AuditEntry kept = with_clipped_texts(entry);
  Call call{settings_, scripts::audit};
  call.forbid_repetition();  // or it might stand there twice
  call.add("record").number(audit_entries_kept);
  call.add(kept.actor).add(kept.action).add(kept.target).add(kept.reason).add(kept.outcome);
  return static_cast<std::uint64_t>(gateway_.run(call.script_call()).as_integer());
}

void RedisCoordination::conclude(std::uint64_t number, const std::string& outcome) {
  Call call{settings_, scripts::audit};
  call.add("conclude").number(number).add(clipped_outcome(outcome));
  gateway_.run(call.script_call());
}

std::vector<AuditEntry> RedisMonitoring::audit(const AuditQuery& query) {
  std::vector<AuditEntry> entries;
  const bool filters = !query.actor.empty() || !query.action.empty() || !query.target.empty();
  const std::uint64_t wanted = filters ? audit_portion : std::uint64_t{query.limit};
  const std::uint64_t portion = std::min(wanted, audit_portion);
  // Numbers beyond are not exact in Lua; there are none.
  std::uint64_t before = std::min(query.before, std::uint64_t{1} << 53U);
  while (entries.size() < query.limit && before != 1) {
    Call call{settings_, scripts::audit};
    call.reads().add("page").number(before).number(portion);
    const Reply answer = gateway_.run(call.script_call());
    const std::vector<Reply>& values = answer.as_array();
    for (std::size_t at = 0; at + 1 < values.size() && entries.size() < query.limit; at += 2) {
      AuditEntry entry = audit_entry_in(values[at], values[at + 1]);
      before = entry.number;
      if (has_texts_of(query, entry)) entries.push_back(std::move(entry));
    }
    if (values.size() < 2 * portion) break;
  }
  return entries;
}

// What the server as a whole takes: it does not know what a prefix does.
StorageReport RedisMonitoring::report() {
  constexpr std::array<std::string_view, 1> words{"INFO"};
  const Reply answer = gateway_.command(words);
  const std::string& info = answer.as_text();
  StorageReport report{.engine = "Redis " + std::string{info_value(info, "redis_version")},
                       .layout_version = newest_layout};
  std::uint64_t jobs = 0;
  for (const StateCount& live : statistics().live) jobs += live.count;
  const std::uint64_t overhead = number_named(info, "used_memory_overhead");
  report.bytes = number_named(info, "used_memory");
  report.parts = {
      {.name = "data of all prefixes", .bytes = report.bytes - std::min(overhead, report.bytes)},
      {.name = "jobs of this prefix", .rows = jobs},
      {.name = "overhead of the server", .bytes = std::min(overhead, report.bytes)}};
  std::ranges::stable_sort(report.parts, std::ranges::greater{}, &StoragePart::bytes);
  return report;
}

}  // namespace portfire::redis
