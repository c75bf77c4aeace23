#include "storage/memory/recurring.hpp"

#include <utility>

#include "storage/common/due_list.hpp"

namespace portfire::memory {

const RecurringRecord* Templates::find(const std::string& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

bool Templates::allows(const RecurringChange& change) const {
  const RecurringRecord* present = find(change.id);
  return change.expected_version == (present == nullptr ? 0 : present->version);
}

void Templates::forget(const RecurringRecord& record) {
  if (!record.due_at) return;
  const auto dues = due_by_name_.find(record.job_name);
  dues->second.erase({*record.due_at, record.id});
  if (dues->second.empty()) due_by_name_.erase(dues);
}

void Templates::apply(const RecurringChange& change, TimePoint now) {
  const auto place = by_id_.find(change.id);
  const bool is_new = place == by_id_.end();
  const TimePoint created_at = is_new ? now : place->second.created_at;
  if (!is_new) {
    forget(place->second);
    if (!change.record) by_id_.erase(place);
  }
  if (!change.record) return;
  RecurringRecord record = *change.record;
  record.id = change.id;
  record.version = change.expected_version + 1;
  record.created_at = created_at;
  if (record.due_at) due_by_name_[record.job_name].emplace(*record.due_at, record.id);
  by_id_.insert_or_assign(change.id, std::move(record));
}

RecurringDue Templates::due(const RecurringRequest& request, TimePoint now) const {
  DueList dues{request.max, now};
  for (const std::string& name : std::set(request.job_names.begin(), request.job_names.end())) {
    const auto of_name = due_by_name_.find(name);
    if (of_name == due_by_name_.end()) continue;
    std::size_t left = dues.wanted();
    for (const auto& [at, id] : of_name->second) {
      if (left-- == 0) break;
      dues.add(at, id);
    }
  }
  RecurringDue result{.now = now, .next_due_in = dues.next_due_in()};
  for (const std::string& id : dues.due()) result.records.push_back(by_id_.at(id));
  return result;
}

std::vector<RecurringRecord> Templates::list(const RecurringQuery& query) const {
  std::vector<RecurringRecord> page;
  for (auto each = by_id_.upper_bound(query.after);
       each != by_id_.end() && page.size() < query.limit; ++each) {
    page.push_back(each->second);
  }
  return page;
}

}  // namespace portfire::memory
