// The part of the ledger that knows definitions of recurring jobs, and what is refused.

#include "simulation/ledger.hpp"
#include "simulation/process.hpp"
#include "simulation/workload.hpp"

namespace portfire::simulation {

// Whoever moves the definition on that makes up for all it has missed has fired every occurrence
// that it goes past. Its occurrences are whole seconds.
void Ledger::change_definition(const RecurringChange& change) {
  std::uint64_t& version = versions_[change.id];
  if (change.expected_version != version) {
    violation("commit: definition " + change.id + " was changed from version " +
              std::to_string(change.expected_version) + " but is at " + std::to_string(version));
  }
  version = change.record ? version + 1 : 0;
  const auto before = due_.find(change.id);
  if (!change.record) {
    if (before != due_.end()) due_.erase(before);
    return;
  }
  const auto due = change.record->due_at;
  if (!due) return violation("commit: definition " + change.id + " will never be due again");
  if (change.id == gapless_definition && before != due_.end()) {
    const auto& fired = occurrences_['"' + change.id + '"'];
    for (TimePoint each = before->second; each < *due; each += std::chrono::seconds{1}) {
      if (fired.contains('"' + portfire::to_string(each) + '"')) continue;
      return violation("commit: " + change.id + " leaves out its occurrence of " +
                       portfire::to_string(each));
    }
  }
  due_.insert_or_assign(change.id, *due);
}

// What the storage gives as its reason must be so. States it may have changed by itself.
void Ledger::check_conflict(const Unit& unit, const CommitResult& result) {
  const auto job = jobs_.find(result.job);
  switch (result.conflict) {
    case Conflict::not_found:
      if (job != jobs_.end()) violation("commit: " + name_of(result.job) + " is said to be gone");
      return;
    case Conflict::batch:
      if (job == jobs_.end() || !job->second.is_batch) {
        violation("commit: " + name_of(result.job) + " is said to be a batch");
      }
      return;
    case Conflict::version:
      for (const RecurringChange& change : unit.recurring) {
        if (change.id != result.recurring || change.expected_version != versions_[change.id]) {
          continue;
        }
        violation("commit: a change of definition " + change.id + " was refused at its version");
      }
      return;
    default: return;
  }
}

}  // namespace portfire::simulation
