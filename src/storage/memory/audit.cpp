#include "storage/memory/audit.hpp"

#include <algorithm>
#include <utility>

#include "storage/common/audit_texts.hpp"

namespace portfire::memory {

std::uint64_t AuditLog::record(const AuditEntry& entry, TimePoint now) {
  AuditEntry kept = with_clipped_texts(entry);
  kept.number = ++last_;
  kept.at = now;
  entries_.push_back(std::move(kept));
  if (entries_.size() > audit_entries_kept) entries_.pop_front();
  return last_;
}

void AuditLog::conclude(std::uint64_t number, const std::string& outcome) {
  const std::uint64_t before_first = last_ - entries_.size();
  if (number <= before_first || number > last_) return;
  entries_[number - before_first - 1].outcome = clipped_outcome(outcome);
}

std::vector<AuditEntry> AuditLog::list(const AuditQuery& query) const {
  std::vector<AuditEntry> found;
  const std::uint64_t before_first = last_ - entries_.size();
  const std::uint64_t before = query.before == 0 ? last_ + 1 : std::min(query.before, last_ + 1);
  for (std::uint64_t number = before; number > before_first + 1 && found.size() < query.limit;) {
    const AuditEntry& entry = entries_[--number - before_first - 1];
    if (has_texts_of(query, entry)) found.push_back(entry);
  }
  return found;
}

}  // namespace portfire::memory
